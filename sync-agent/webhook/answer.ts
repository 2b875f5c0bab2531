import { WireAck } from '@gatehouse/contracts';
import { z } from 'zod';

/**
 * The body of a webhook's answer: up to where each stream is in the platform's database, as on the MQTT
 * topic.
 */
export const WebhookAnswer = z.looseObject({ acks: z.array(WireAck).max(20) });
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;
