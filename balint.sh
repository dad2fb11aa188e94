#!/bin/sh
# Runs Balint on this machine: finds Python, makes .venv, then starts the app, its tests or one of its commands.
set -eu
root=$(cd "$(dirname "$0")" && pwd)
venv=$root/.venv/bin/python

usage() {
    cat >&2 <<TEXT
Usage: ./balint.sh run [OPTIONS]        start the app, with a demo (./balint.sh run --help)
       ./balint.sh test [PATH -k ...]   run every check and test, or some of them
       ./balint.sh manage ARGS          run a command of manage.py on the same data
       ./balint.sh bench NAME ARGS      run benchmarks/NAME.py
TEXT
    exit 2
}

set_up() {  # set_up run|test: .venv holds the packages of that lock
    for python in python3.13 python3.12 python3.11 python3; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$python" "$root/launcher/setup.py" "$1"
            return
        fi
    done
    echo "Balint needs Python 3.11 or newer. Install it (Debian, Ubuntu: apt install python3), then run this again." >&2
    exit 1
}

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
    run | test | bench)
        set_up "$(test "$command" = run && echo run || echo test)"  # measuring takes the browser too
        cd "$root"
        case $command in
            bench) [ $# -gt 0 ] || usage; name=$1; shift; exec "$venv" -m "benchmarks.$name" "$@" ;;
            *) exec "$venv" -m "launcher.$command" "$@" ;;
        esac ;;
    manage) set_up run; BALINT_DATA=${BALINT_DATA:-$root/var} exec "$venv" "$root/manage.py" "$@" ;;
    *) usage ;;
esac
