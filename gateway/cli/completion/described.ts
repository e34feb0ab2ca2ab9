// A command as a shell has to know it.

import type { Option } from '../command.ts';

/** One command. */
export interface Described {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly DescribedOption[];
  /** Operands that are written as they stand here. */
  readonly words: readonly string[];
  readonly takesFiles: boolean;
}

/** One of its options. */
export interface DescribedOption {
  readonly name: string;
  readonly help: string;
  readonly takesValue: boolean;
  readonly names: Option['names'];
}

/**
 * For a shell: the names of the apps in the folder that the variable `folder` of the script holds. Only what an app may be called comes
 * through, because shells expand what they are given to complete.
 */
export const APPS_IN_FOLDER = String.raw`sed -n 's/^app:[[:space:]]*\([A-Za-z0-9._-]\{1,\}\)[[:space:]]*$/\1/p' "$folder"/*.yaml 2>/dev/null`;

/** In single quotes, as every shell of the Bourne family takes it literally. */
export const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
