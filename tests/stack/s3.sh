#!/usr/bin/env bash
# s3.sh METHOD PATH?QUERY [curl arguments]: a signed request to the lab's S3 server. The query must be sorted and
# percent-encoded already: curl signs it as it is given.
set -euo pipefail

# shellcheck source=lib/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/env.sh"

method=$1 path=$2
shift 2
exec curl -sS -m 10 --aws-sigv4 aws:amz:us-east-1:s3 --user "$LAB_S3_KEY:$LAB_S3_SECRET" -X "$method" \
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -H 'Content-Type: application/octet-stream' \
    "$LAB_S3_URL$path" "$@"
