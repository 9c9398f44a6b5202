#!/bin/sh
# Run a command of the registry with the service's settings and, when root calls it, as the service's account; the
# command `checkpoint` with the checkpointer's settings and as its account.
set -eu
base=$(cd "$(dirname "$0")/../../.." && pwd -P)
base=${base%/}
account=isa-registry
settings=$base/etc/isa-registry/isa-registry.env
if [ "${1-}" = checkpoint ]; then
    account=isa-registry-checkpointer
    settings=$base/etc/isa-registry-checkpointer/checkpointer.env
fi
set -a
. "$settings"
set +a
program=$base/opt/isa-registry/venv/bin/isa-registry
if [ -z "$base" ] && [ "$(id -u)" -eq 0 ]; then
    exec runuser -u "$account" -- "$program" "$@"
fi
exec "$program" "$@"
