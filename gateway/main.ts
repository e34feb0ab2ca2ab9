#!/usr/bin/env node
// The command line: `curfew <command>`.

import { audit } from './cli/audit.ts';
import { check } from './cli/check.ts';
import { runCommand, type Command } from './cli/command.ts';
import { completionOf } from './cli/completion.ts';
import { demo } from './cli/demo.ts';
import { drill } from './cli/drill.ts';
import { explain } from './cli/explain.ts';
import { keys } from './cli/keys.ts';
import { metadata } from './cli/metadata.ts';
import { policies } from './cli/policies.ts';
import { reload } from './cli/reload.ts';
import { serve } from './cli/serve.ts';
import { logout, sessions, status } from './cli/sessions.ts';
import { tuneCollection } from './collection.ts';

const COMMANDS: readonly Command[] = [
  serve,
  status,
  sessions,
  logout,
  reload,
  check,
  metadata,
  keys,
  policies,
  explain,
  audit,
  drill,
  demo,
  completionOf(() => COMMANDS),
];

tuneCollection();
/** For the last words on their way out. */
const LAST_MS = 1000;

process.exitCode = await runCommand(COMMANDS, process.argv.slice(2), process.env, {
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
});
// A name that is still being looked up cannot be called off, and would keep the process for as long as the system's resolver tries.
setTimeout(() => process.exit(), LAST_MS).unref();
