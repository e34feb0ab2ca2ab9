import { MemoryStore } from '../../gateway/sessions/memory.ts';
import { contract } from './contract.ts';

contract('memory', () => new MemoryStore());
