"""Starts MiniStack (pinned in tools.go) with what a laptop's loop needs changed in it, each an attribute, no code copied.

Seen in 1.5.33: 40 ms of Nagle and delayed ACK per Lambda invoke, up to 50 ms of waiting for a log line before
answering, schedules looked at every 10 s, a new log stream per invoke that is never removed, and permissions asked for
SQS's batch calls that AWS does not have (SendMessageBatch needs sqs:SendMessage there). Beside that, each invoke's
log is printed as one JSON line on standard output, where herald-local reads it.
"""

import atexit
import http.server
import json
import sys
import threading

http.server.BaseHTTPRequestHandler.disable_nagle_algorithm = True

from ministack.core import iam_actions, lambda_runtime  # noqa: E402
from ministack.services import cloudwatch_logs, eventbridge, lambda_svc, scheduler  # noqa: E402

lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.002, 0.001, 0.1)
scheduler._SCHEDULE_TICK_INTERVAL = 0.2
eventbridge._SCHEDULER_TICK_INTERVAL = 1

STREAMS_KEPT = 500  # per log group; each invoke makes one, and all of them are in memory and in the saved state

_action = iam_actions._action_from_target


def _action_as_on_aws(headers):
    name = _action(headers)
    if name and headers.get("x-amz-target", "").startswith("AmazonSQS."):
        name = name.removesuffix("Batch")
    return name


iam_actions._action_from_target = _action_as_on_aws

_print_lock = threading.Lock()
_emit = lambda_svc._emit_lambda_logs


def _emit_and_print(func, request_id, log_text, is_error, duration_ms, log_source=None):
    _emit(func, request_id, log_text, is_error, duration_ms, log_source=log_source)
    config = func.get("config") or func
    name = config.get("FunctionName", "unknown")
    group = cloudwatch_logs._log_groups.get((config.get("LoggingConfig") or {}).get("LogGroup") or "/aws/lambda/" + name)
    streams = group["streams"] if group else {}
    while len(streams) > STREAMS_KEPT:
        streams.pop(next(iter(streams)), None)
    line = json.dumps({"function": name, "request_id": request_id, "error": is_error, "ms": duration_ms, "log": log_text or ""})
    try:
        with _print_lock:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    except OSError:
        pass  # nobody reads any more; an invoke must not fail for that


lambda_svc._emit_lambda_logs = _emit_and_print
atexit.register(lambda_runtime.reset)  # end the warm functions as well; MiniStack leaves them to notice by themselves

from ministack.app import main  # noqa: E402

sys.exit(main())
