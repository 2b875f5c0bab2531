import { driversForCli } from '@gatehouse/contracts';
import { driversPid } from '@gatehouse/drivers/commissioning';
import { GatehouseError } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';

/**
 * The process of this box's drivers service, which may hold its own serial lines. It comes from the socket of
 * the service, which no other user can take over; a process can have any name. Nothing where the service does
 * not run, or refuses the question as an older one does: then no process is excused.
 */
export async function driversProcess(): Promise<number | undefined> {
  try {
    return await driversPid(apiClient(driversForCli));
  } catch (error) {
    if (error instanceof GatehouseError) return undefined;
    throw error;
  }
}
