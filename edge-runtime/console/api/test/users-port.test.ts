import { MemoryUsers } from './memory-users.ts';
import { usersPortContract } from './users-port-contract.ts';

usersPortContract('in memory', () => new MemoryUsers());
