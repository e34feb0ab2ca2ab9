import test from 'ava';
import { needing } from '../support/needing.ts';
import { missing } from '../support/needs.ts';
import { startRedis, type RedisServer } from '../support/redis.ts';
import { contract } from './contract.ts';
import { newPrefix, readyNode } from './redis-stage.ts';

const server: RedisServer | undefined = missing(['redis-server']).length === 0 ? await startRedis() : undefined;
test.after.always(() => server?.close());
const url = server?.url ?? '';

contract('redis', (t) => readyNode(t, url, newPrefix()), { sweeps: false, declare: needing('redis-server') });
