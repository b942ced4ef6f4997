#!/bin/sh
# Makes .venv with exactly the packages of requirements.lock. Does nothing, and needs no network,
# when it is there already.
set -eu
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*" >&2; }

# What a shell holds for other programs (PIP_TARGET, PYTHONHOME …) is not ours to hear.
rules=o2o/embedded/environment.txt
heard=" $(sed -n 's/^hear //p' $rules | tr '\n' ' ') "
for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z_0-9]*\)=.*/\1/p'); do
    case "$heard" in *" $name "*) continue ;; esac
    for family in $(sed -n 's/^family //p' $rules); do
        case "$name" in "$family"*) unset "$name" ;; esac
    done
done

find_python() {
    for name in python3.11 python3 python3.12 python3.13 python3.14 python; do
        # A name may be a version manager's empty shim, so ask the program itself.
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$name"
            return
        fi
    done
    say "Python 3.11 or newer is needed and was not found."
    exit 1
}

make_environment() {
    python=$(find_python)
    rm -rf .venv
    say "Making .venv with $("$python" --version) ..."
    if "$python" -m venv .venv >/dev/null 2>&1; then
        return
    fi
    rm -rf .venv
    if command -v uv >/dev/null && uv venv --quiet --python "$python" .venv; then
        return
    fi
    say "$python cannot make virtual environments (Debian and Ubuntu: apt install python3-venv)."
    exit 1
}

install_packages() {
    say "Installing the locked packages ..."
    if command -v uv >/dev/null; then
        if uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes \
            -r requirements.lock; then
            return
        fi
        say "uv did not manage it, trying pip ..."
    fi
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes -r requirements.lock; then
        say "The packages could not be installed; see the lines above (is there a network?)."
        exit 1
    fi
}

if ! .venv/bin/python -c '' >/dev/null 2>&1; then
    make_environment
fi
# A copy of the lock file as it was installed; its content counts, not its date.
if ! cmp -s requirements.lock .venv/installed.lock; then
    install_packages
    cp requirements.lock .venv/installed.lock
fi
.venv/bin/python -m o2o.embedded.translations
.venv/bin/python -m kernel.paper.typeface
