import { option, optional } from '../option.ts'
import { boolean, listOf, path, text, wholeNumber } from '../value-types.ts'

const upstream = { upstream: true }
const replaced = {
  ...upstream,
  withoutEffect: 'log lines have one form, and go to the standard error output or to log_file',
}
const count = wholeNumber(0, 2 ** 31 - 1)

/** The options of oslo.log, which stand in `[DEFAULT]`: two of them steer our logs, the others are accepted. */
export const oslo = {
  debug: option(boolean, 'false', 'Log more, for finding faults.', upstream),
  log_file: optional(path, 'File to log to, instead of the standard error output.', {
    ...upstream,
    aliases: ['logfile'],
  }),
  use_json: option(boolean, 'false', 'Log one JSON object per line, for machines, instead of text for people.', {
    ...upstream,
    withoutEffect: 'log lines are always one JSON object each',
  }),
  verbose: optional(boolean, 'Log more (older releases of oslo.log).', replaced),
  log_dir: optional(path, 'Directory of `log_file`.', { ...replaced, aliases: ['logdir'] }),
  log_config_append: optional(text, 'File with the configuration of Python’s logging.', {
    ...replaced,
    aliases: ['log_config'],
  }),
  log_date_format: optional(text, 'Form of the date in a log line.', replaced),
  watch_log_file: optional(boolean, 'Reopen the log file when it is moved away.', replaced),
  use_syslog: optional(boolean, 'Log to syslog.', replaced),
  use_journal: optional(boolean, 'Log to systemd’s journal.', replaced),
  syslog_log_facility: optional(text, 'Facility in syslog.', replaced),
  use_stderr: optional(boolean, 'Log to the standard error output.', replaced),
  use_eventlog: optional(boolean, 'Log to Windows’ event log.', replaced),
  log_color: optional(boolean, 'Colour log lines on a terminal.', replaced),
  log_rotate_interval: optional(count, 'Time between rotations.', replaced),
  log_rotate_interval_type: optional(text, 'Unit of that time.', replaced),
  log_rotation_type: optional(text, 'What makes log files rotate.', replaced),
  max_logfile_count: optional(count, 'Number of rotated files to keep.', replaced),
  max_logfile_size_mb: optional(count, 'Size at which a file rotates, in MB.', replaced),
  logging_context_format_string: optional(text, 'Form of a line within a request.', replaced),
  logging_default_format_string: optional(text, 'Form of a line outside of a request.', replaced),
  logging_debug_format_suffix: optional(text, 'What debug lines end in.', replaced),
  logging_exception_prefix: optional(text, 'What lines of an exception start with.', replaced),
  logging_user_identity_format: optional(text, 'Form of the user in a line.', replaced),
  default_log_levels: optional(listOf(text), 'Level of each Python logger.', replaced),
  publish_errors: optional(boolean, 'Publish errors as events.', replaced),
  instance_format: optional(text, 'Form of an instance in a line.', replaced),
  instance_uuid_format: optional(text, 'Form of an instance’s UUID in a line.', replaced),
  rate_limit_interval: optional(count, 'Seconds over which lines are counted.', replaced),
  rate_limit_burst: optional(count, 'Lines allowed in that time.', replaced),
  rate_limit_except_level: optional(text, 'Level that is not limited.', replaced),
  fatal_deprecations: optional(boolean, 'Fail on use of what is deprecated.', replaced),
}
