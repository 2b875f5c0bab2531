export * from '@gatehouse/errors';
