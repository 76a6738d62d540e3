#!/usr/bin/env bash
# Prints the licences of every module that is part of ringdex on any platform that is released, and of Go itself. A module
# without a licence file is an error. Run it in the repository's top folder.
set -euo pipefail
export LC_ALL=C

modules=$(for platform in linux/amd64 linux/arm64 windows/amd64; do
  CGO_ENABLED=0 GOOS=${platform%/*} GOARCH=${platform#*/} go list -deps \
    -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/ringdex
done | sort -u)

echo "ringdex contains the software below, each under its own licence."
print() { # name, folder
  local files
  files=$(find "$2" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'copyright*' \) | sort)
  [ -n "$files" ] || { echo "licences.sh: $1 has no licence file" >&2; return 1; }
  printf '\n%s\n%s\n' "$(printf '=%.0s' {1..100})" "$1"
  while IFS= read -r file; do
    printf '%s\n\n' "$(printf -- '-%.0s' {1..100})"
    tr -d '\r' <"$file"
  done <<<"$files"
}
print "Go $(go env GOVERSION)" "$(go env GOROOT)"
while read -r path version dir; do print "$path $version" "$dir"; done <<<"$modules"
