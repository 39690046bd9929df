import { thisProcess } from './cli/cli-world.ts'
import { runCommandLine } from './cli/program.ts'

process.exitCode = await runCommandLine(process.argv.slice(2), thisProcess())
