// The standard's own XML schemas, as SimpleSAMLphp brings them along, and PHP's validator.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { SIMPLESAMLPHP_FOLDER } from '../support/needs.ts';

const SCRIPT = `libxml_use_internal_errors(true);
$document = new DOMDocument();
$read = $document->loadXML(stream_get_contents(STDIN), LIBXML_NONET);
if ($read) { $document->schemaValidate($argv[1]); }
foreach (libxml_get_errors() as $error) { echo trim($error->message), "\\n"; }
echo $read ? 'judged' : 'not XML';`;

/** What the schema says against a document; empty where it is valid. */
export function schemaFaults(xml: string, schema: 'metadata' | 'protocol'): string[] {
  const file = join(SIMPLESAMLPHP_FOLDER, `schemas/saml-schema-${schema}-2.0.xsd`);
  const { stdout, stderr } = spawnSync('php', ['-r', SCRIPT, '--', file], { input: xml, encoding: 'utf8' });
  const lines = stdout.trim().split('\n');
  // Its last word says that it came so far.
  return lines.pop() === 'judged' ? lines : [stderr, stdout];
}
