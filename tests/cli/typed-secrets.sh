#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# While a secret is typed the terminal does not show it; afterwards it shows what is typed, also where somebody ended the
# program at the question.
. "$(dirname "$0")/../lib.sh"
need python3 openssl

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -passout pass:sesame -keyout "$T/key.pem" -out "$T/key.crt" -days 2 \
	-subj "/C=US/ST=WA/O=Typed/CN=typed" -addext keyUsage=critical,digitalSignature -addext basicConstraints=critical,CA:FALSE >"$T/log" 2>&1
chmod 600 "$T/key.pem"

# ask.py HOW COMMAND...: run it on a terminal of its own. At its last question HOW is done: "type:TEXT", or "signal:NAME", or
# "key:3", the byte of a key. What is printed: whether the terminal showed what was typed before, at and after the question;
# how the command ended; and who got the line that was typed then.
cat >"$T/ask.py" <<'PY'
import fcntl, os, select, signal, sys, termios, time
how, command = sys.argv[1].split(":", 1), sys.argv[2:]
master, slave = os.openpty()
echo = lambda: "shown" if termios.tcgetattr(slave)[3] & termios.ECHO else "hidden"
modes = lambda: termios.tcgetattr(slave)[:4]
before = modes()
pid = os.fork()
if pid == 0:
    # whoever was started in the background ignores some, and would hand that on
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2): os.dup2(slave, fd)
    os.execvp(command[0], command)
seen, end = b"", time.monotonic() + 20
def read_until(done):
    global seen
    while not done() and time.monotonic() < end:
        if select.select([master], [], [], 0.05)[0]: seen += os.read(master, 1000)
if command[1] == "login":
    read_until(lambda: b"Username: " in seen)
    os.write(master, b"me\n")
read_until(lambda: echo() == "hidden" and seen.rstrip(b"\r\n").endswith((b"assword: ", b": ")))
at = echo()
if how[0] == "type": os.write(master, how[1].encode() + b"\n")
elif how[0] == "key": os.write(master, bytes([int(how[1])]))
else: os.kill(pid, getattr(signal, how[1]))
status = None
def ended():
    global status
    if status is None:
        p, s = os.waitpid(pid, os.WNOHANG)
        if p: status = s
    return status is not None
read_until(ended)
if status is None: os.kill(pid, signal.SIGKILL); os.waitpid(pid, 0); print("it did not end"); sys.exit(1)
code = os.waitstatus_to_exitcode(status)
os.write(master, b"next line\n")
ours = select.select([slave], [], [], 2)[0] and os.read(slave, 100) == b"next line\n"
print(f"question {at}, then {echo()}, modes {'same' if modes() == before else 'other'}, exit {code}, "
      f"next line {'ours' if ours else 'taken'}")
if how[0] == "type" and how[1].encode() in seen.split(b"next line")[0]: print("the secret was shown")
PY
# typed SENTENCE HOW WANT COMMAND...
typed() {
	local sentence=$1 how=$2 want=$3
	shift 3
	is "$sentence" "$(python3 "$T/ask.py" "$how" "$HULLMARK" "$@" 2>&1)" "question hidden, then shown, modes same, exit $want, next line ours"
}
add=(key add typed --key "$T/key.pem" --cert "$T/key.crt")
typed "a passphrase" type:sesame 0 "${add[@]}"
typed "a wrong one" type:wrong 1 "${add[@]/typed/other}"
typed "Ctrl-C at the question" key:3 -2 "${add[@]/typed/other}"
typed "Ctrl-\\ at the question" key:28 -3 "${add[@]/typed/other}"
typed "SIGTERM at the question" signal:SIGTERM -15 "${add[@]/typed/other}"
typed "SIGHUP at the question" signal:SIGHUP -1 "${add[@]/typed/other}"
typed "Ctrl-C at login's" key:3 -2 login localhost:1
typed "SIGTERM at login's" signal:SIGTERM -15 login localhost:1
check "what was interrupted" "$HULLMARK" key list
# shellcheck disable=SC2154 # $out is lib.sh's
unlike "is not in the list" "$out" other
done_testing
