export { verifyJournalFile } from './verify-file.ts';
