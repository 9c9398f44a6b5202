#!/bin/sh
# Run a command of the registry with the service's settings and, when root calls it, as the service's account.
set -eu
base=$(cd "$(dirname "$0")/../../.." && pwd -P)
base=${base%/}
set -a
. "$base/etc/isa-registry/isa-registry.env"
set +a
program=$base/opt/isa-registry/venv/bin/isa-registry
if [ -z "$base" ] && [ "$(id -u)" -eq 0 ]; then
    exec runuser -u isa-registry -- "$program" "$@"
fi
exec "$program" "$@"
