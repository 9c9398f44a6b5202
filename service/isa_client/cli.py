"""The command `isa-client`: what an agency's engineer tries first, and a script can live on."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from isa_client.checks import SHARE_NOW, printable
from isa_client.commands import acknowledge, ask, attest, events, prove, queue, receipt, send, sign, subjects, token
from isa_client.errors import ClientError, ProblemError
from isa_verify.errors import VerificationError

_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]] = {
    "token": ("print an access token of your organisation", token.add, token.run),
    "ask": ("ask whether information may be shared", ask.add, ask.run),
    "sign": ("sign the record of a decision to share or not", sign.add, sign.run),
    "send": ("send a signed record to the registry", send.add, send.run),
    "events": ("list what you shared, or what was shared with you", events.add, events.run),
    "acknowledge": ("sign that you received what was shared with you", acknowledge.add, acknowledge.run),
    "queue": ("show and send what was signed while the registry was away", queue.add, queue.run),
    "attest": ("sign an agreement as your organisation's signatory", attest.add, attest.run),
    "prove": ("prove that you hold a signing key, to have it registered", prove.add, prove.run),
    "subjects": ("make keys of subject references, and references of people", subjects.add, subjects.run),
    "receipt": ("fetch and verify the proof that the log holds it", receipt.add, receipt.run),
}


class _Parser(argparse.ArgumentParser):
    """Shows no control character that came in with a mistyped option."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {printable(message)}", file=sys.stderr)
        raise SystemExit(2)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0: done; an answer of any outcome counts as done. 1: the registry refused it, or a receipt does not hold. 2: it
    could not be done, or its output could not be read to the end. `ask` returns only 0 or 2.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character still gets the rest of the answer.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        options = _parser().parse_args(given)
    except SystemExit as exit_:
        if exit_.code and given[:1] == ["ask"]:
            print(SHARE_NOW, file=sys.stderr)
        return exit_.code if isinstance(exit_.code, int) else 2
    status, to_do = 1, None
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        done = run(options)
        sys.stdout.flush()
        return done
    except BrokenPipeError:
        # Whoever read the output had enough of it, as `head` does. What was asked for was done or refused before.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except ProblemError as problem:
        _show_problem(problem)
        to_do = problem.to_do
    except VerificationError as error:
        print(f"isa-client: not verified: {error.code}: {error.detail}", file=sys.stderr)
    except ClientError as error:
        print(f"isa-client: {printable(error.detail)} ({error.code})", file=sys.stderr)
        status, to_do = 2, error.to_do
    if options.command == "ask":
        print(SHARE_NOW, file=sys.stderr)
        return 2
    if to_do is not None:
        print(f"  To do: {to_do}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="isa-client",
        description="Ask an information-sharing registry, sign what was decided, keep the proof. " + SHARE_NOW,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (text, add, run) in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".", allow_abbrev=False)
        add(command)
        command.set_defaults(run=run)
    return parser


def _show_problem(problem: ProblemError) -> None:
    lines = [f"isa-client: the registry answered {problem.status}: {problem.title} ({problem.code})."]
    if problem.detail:
        lines.append(f"  {problem.detail}")
    lines += [f"  {field.pointer}: {field.detail}" for field in problem.fields]
    if problem.request:
        lines.append(f"  Quote this if you ask for help: {problem.request}")
    print("\n".join(printable(line) for line in lines), file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
