import { styleText } from 'node:util'
import type { CliWorld, Output } from './cli-world.ts'

/** Marks text for a person at a terminal; the text as it is when the output is a pipe or `NO_COLOR` is set. */
export type Paint = (style: 'green' | 'red' | 'yellow' | 'bold' | 'dim', text: string) => string

/** How to paint what goes to `output`. `NO_COLOR` counts when it is not empty (no-color.org). */
export function painter(output: Output, { machine }: Pick<CliWorld, 'machine'>): Paint {
  const coloured = output.isTTY === true && !machine.env.NO_COLOR
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text)
}
