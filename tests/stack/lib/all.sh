# shellcheck shell=bash
# All of lib, for the scripts that start and stop parts.
lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=lib/env.sh
. "$lib/env.sh"
# shellcheck source=lib/proc.sh
. "$lib/proc.sh"
# shellcheck source=lib/deps.sh
. "$lib/deps.sh"
# shellcheck source=lib/tls.sh
. "$lib/tls.sh"
# shellcheck source=lib/parts.sh
. "$lib/parts.sh"
unset lib
