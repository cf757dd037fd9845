#!/usr/bin/env bash
# Tries what the REST document allows, and what it does not, against the local cloud.
#   tests/schemathesis/run.sh [http://127.0.0.1:3000]
# Without an address it starts a local cloud of its own (DAIS_LOCAL says which program) and stops it afterwards.
# SEED=2 tries other requests, EXAMPLES=500 more of them.
set -eu
cd "$(dirname "$0")"
root=$PWD/../..
tools=$root/.venv/schemathesis

if ! cmp -s requirements.txt "$tools/installed.txt"; then
  echo "installing schemathesis into .venv/schemathesis"
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$tools/installed.txt"
fi

work=$(mktemp -d)
cloud=
stop() {
  [ -z "$cloud" ] || { kill "$cloud" && wait "$cloud"; } 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

if [ $# -gt 0 ]; then
  url=${1%/}
else
  program=${DAIS_LOCAL:-$root/target/local/dais-local}
  : >"$work/ready"
  (cd "$root" && PORT=0 MEMORY=1 RUST_LOG=warn exec "$program") >"$work/ready" 2>"$work/log" &
  cloud=$!
  url=
  for _ in $(seq 300); do
    url=$(sed -n 's/^ready //p' "$work/ready")
    [ -z "$url" ] && kill -0 "$cloud" 2>/dev/null || break
    sleep 0.1
  done
  [ -n "$url" ] || { cat "$work/log" >&2; echo "the local cloud did not start: run make build" >&2; exit 1; }
fi

token=$(curl -fsS "$url/_local/token?user=ada&ttl=86400" | sed 's/.*"token":"\([^"]*\)".*/\1/')
# The meeting of that user, to which hooks.py invites.
MEETING=$(curl -fsS "$url/api/meetings" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{}' |
  sed 's/.*"id":"\([^"]*\)".*/\1/')
export MEETING
code=0
# Hypothesis keeps its examples where it runs: what failed once is tried again, which is not what a check should do.
cp hooks.py schemathesis.toml "$work"
(cd "$work" && "$tools/bin/schemathesis" run "$url/api/openapi.json" --header "Authorization: Bearer $token" \
  --seed "${SEED:-1}" --max-examples "${EXAMPLES:-50}" --warnings off) || code=$?
if [ "$code" != 0 ] && [ -s "$work/log" ]; then
  echo "what the local cloud said:"
  tail -n 20 "$work/log"
fi
exit "$code"
