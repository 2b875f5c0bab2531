import { Id, LocalName } from '@gatehouse/contracts';
import { z } from 'zod';

/** Chinese title and English description of a field; editors show them while a profile is written. */
export const told = <T extends z.ZodType>(schema: T, title: string, description: string): T =>
  schema.meta({ title, description });

const Text = z.strictObject({ 'zh-CN': z.string().min(1).max(200), en: z.string().min(1).max(200) });

export const address = (title: string, description: string) =>
  told(z.int().min(0).max(0xffff), title, `${description}; addresses are counted from 0`);
export const word = (title: string, description: string) =>
  told(z.int().min(0).max(0xffff), title, description);
export const name = told(LocalName, '名称', 'Name as people read it');

/** Fields that every profile has. */
export const common = {
  $schema: z.string().optional(),
  id: told(Id, '标识', 'Identifier; the file is called the same, and that of a site begins with "site-"'),
  name,
  note: told(Text, '安装须知', 'What an installer should know before choosing it'),
  source: told(z.url(), '资料来源', 'Data sheet that the addresses were taken from'),
};

export const worstTurnaroundMs = told(
  z.int().min(1).max(2000),
  '最长应答时间（毫秒）',
  'Longest time from request to reply; the quarantine after a timeout exceeds it',
);
