#!/usr/bin/env bash
# Makes package/ringdex.pgo anew, the profile that releases are built by (go build -pgo): what the processor does in lookups
# of all kinds, on connections, and in a full copy of an org. Worth repeating after large changes; some minutes.
set -euo pipefail
cd "$(dirname "$0")/../../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
profile() { # NAME, package, benchmarks
  go test -trimpath -run '^$' -bench "$3" -benchtime 1s -cpuprofile "$work/$1" -o "$work/$1.test" "./$2" >"$work/$1.log" || { cat "$work/$1.log"; exit 1; }
}
profile search ldapserver/directory '^BenchmarkSearch'
profile serve ldapserver '^BenchmarkServe'
profile copy replicator '^BenchmarkFloor$/^copy'
go tool pprof -proto "$work/search" "$work/serve" "$work/copy" >cmd/ringdex/package/ringdex.pgo 2>/dev/null
ls -l cmd/ringdex/package/ringdex.pgo
