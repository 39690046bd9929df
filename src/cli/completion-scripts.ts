import type { Argument, Command, Option } from 'commander'
import { allOptions } from '../config/option-table.ts'
import { commandNodes } from './command-tree.ts'
import { completedByDaemon } from './complete-names.ts'

/** What can follow `--set`: `section.option=`, and the value too where there are few. */
function assignments(): string[] {
  return allOptions
    .filter(({ option }) => option.withoutEffect === undefined)
    .flatMap(({ section, name, option }) => (option.type.choices ?? ['']).map(choice => `${section}.${name}=${choice}`))
}

/** What can stand after the command of each path: subcommands, arguments, options. */
function wordsByPath(program: Command): { path: string; words: string[]; asked: string | undefined }[] {
  const globals = flagsOf(program.createHelp().visibleOptions(program))
  return commandNodes(program).map(({ path, subcommands, arguments: taken, options }) => ({
    path,
    words: [
      ...new Set([
        ...subcommands,
        ...taken.flatMap(({ argChoices }) => argChoices ?? []),
        ...flagsOf(options),
        ...globals,
      ]),
    ],
    asked: askedOf(taken),
  }))
}

/** What the daemon is asked for at the keyboard, for a command that takes it as an argument. */
function askedOf(taken: readonly Argument[]): string | undefined {
  return taken.map(argument => completedByDaemon[argument.name()]).find(Boolean)
}

function flagsOf(options: readonly Option[]): string[] {
  return options.flatMap(({ long }) => (long ? [long] : []))
}

/** Options with few values, over all commands: `--format` has other ones for each command. */
function choicesByPath(program: Command): { path: string; flag: string; choices: readonly string[] }[] {
  return commandNodes(program).flatMap(({ path, options }) =>
    options.flatMap(({ long, argChoices }) => (long && argChoices ? [{ path, flag: long, choices: argChoices }] : [])),
  )
}

/** A script that bash sources. Words are names of ours: no quoting is needed beyond the double quotes. */
export function bashCompletion(program: Command): string {
  const values = choicesByPath(program).map(
    ({ path, flag, choices }) => `    "${path}|${flag}") words="${choices.join(' ')}" ;;`,
  )
  const words = wordsByPath(program).map(({ path, words, asked }) => {
    const names = asked === undefined ? '' : `$("\${COMP_WORDS[0]}" __complete ${asked} 2>/dev/null) `
    return `      "${path}") words="${names}${words.join(' ')}" ;;`
  })
  const commands = commandNodes(program).flatMap(({ path }) => (path === '' ? [] : [`"${path}"`]))
  return `# bash completion for kuryr
_kuryr() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path='' word words=''
  # The shell takes "=" as a word of its own.
  local line="\${COMP_LINE:0:COMP_POINT}"
  local last="\${line##* }"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${commands.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$line" in
    *" --set "*[[:space:]]*) ;;
    *" --set $last"|*" --set=$last") previous=--set ;;
  esac
  case "$path|$previous" in
    *"|--config-file"|*"|--config-dir") COMPREPLY=($(compgen -f -- "$current")); return ;;
    *"|--set") words="${assignments().join(' ')}" ;;
${values.join('\n')}
    *) case "$path" in
${words.join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$last"))
  # What bash replaces starts after the last "=": take what stands before it off.
  [[ "$last" == *=* && "$COMP_WORDBREAKS" == *=* ]] && COMPREPLY=("\${COMPREPLY[@]#"\${last%=*}="}")
  [[ "\${#COMPREPLY[@]}" -eq 1 && "\${COMPREPLY[0]}" == *= ]] && compopt -o nospace
  return 0
}
complete -F _kuryr kuryr
`
}

/** A function for zsh's \`fpath\`; it also works when sourced. */
export function zshCompletion(program: Command): string {
  const words = wordsByPath(program).map(({ path, words, asked }) => {
    const names = asked === undefined ? '' : `\${(f)"$("$words[1]" __complete ${asked} 2>/dev/null)"} `
    return `    "${path}") candidates=(${names}${words.join(' ')}) ;;`
  })
  const values = choicesByPath(program).map(
    ({ path, flag, choices }) => `    "${path}|${flag}") candidates=(${choices.join(' ')}) ;;`,
  )
  const commands = commandNodes(program).flatMap(({ path }) => (path === '' ? [] : [`"${path}"`]))
  return `#compdef kuryr
_kuryr() {
  local path_='' word previous="\${words[CURRENT-1]}"
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${path_:+$path_ }$word" in
      ${commands.join('|')}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
  case "$path_|$previous" in
    *"|--config-file"|*"|--config-dir") _files; return ;;
    *"|--set") candidates=(${assignments().join(' ')}); compadd -S '' -a candidates; return ;;
${values.join('\n')}
    *) case "$path_" in
${words.join('\n')}
    esac ;;
  esac
  compadd -a candidates
}
if [ "$funcstack[1]" = "_kuryr" ]; then _kuryr "$@"; else compdef _kuryr kuryr; fi
`
}

/** A file for fish's \`completions\` directory. */
export function fishCompletion(program: Command): string {
  const lines = ['# fish completion for kuryr', 'complete -c kuryr -f']
  const globals = new Set(flagsOf(program.createHelp().visibleOptions(program)))
  for (const { path, command, subcommands, arguments: taken, options } of commandNodes(program)) {
    const condition = fishCondition(path, subcommands)
    for (const name of subcommands) {
      const about = command.commands.find(sub => sub.name() === name)?.description() ?? ''
      lines.push(`complete -c kuryr -n '${condition}' -a ${name} -d '${quoted(about)}'`)
    }
    for (const choice of taken.flatMap(({ argChoices }) => argChoices ?? [])) {
      lines.push(`complete -c kuryr -n '${condition}' -a ${choice}`)
    }
    const asked = askedOf(taken)
    if (asked !== undefined) {
      lines.push(`complete -c kuryr -n '${condition}' -a '(kuryr __complete ${asked} 2>/dev/null)'`)
    }
    for (const option of options) {
      if (path !== '' && option.long && globals.has(option.long)) continue
      lines.push(fishOption(option, path === '' ? undefined : condition))
    }
  }
  return `${lines.join('\n')}\n`
}

function fishCondition(path: string, subcommands: readonly string[]): string {
  if (path === '') return '__fish_use_subcommand'
  const seen = path.split(' ').map(word => `__fish_seen_subcommand_from ${word}`)
  if (subcommands.length > 0) seen.push(`not __fish_seen_subcommand_from ${subcommands.join(' ')}`)
  return seen.join('; and ')
}

function fishOption(option: Option, condition: string | undefined): string {
  const parts = ['complete -c kuryr', ...(condition === undefined ? [] : [`-n '${condition}'`])]
  if (option.short) parts.push(`-s ${option.short.slice(1)}`)
  if (option.long) parts.push(`-l ${option.long.slice(2)}`)
  if (option.long === '--set') parts.push(`-x -a '${assignments().join(' ')}'`)
  else if (option.argChoices) parts.push(`-x -a '${option.argChoices.join(' ')}'`)
  else if (option.required) parts.push('-r -F')
  return [...parts, `-d '${quoted(option.description)}'`].join(' ')
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
}
