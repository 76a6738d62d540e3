#!/usr/bin/env bash
# Builds what a release consists of into the folder OUT: static binaries, Debian packages, licences, a CycloneDX bill of
# materials for each platform and SHA256SUMS. The same commit and Go release give the same bytes, in whatever folder.
#
#   release.sh OUT [deb]     deb: only the package of this machine's architecture
#
# VERSION is the version; without it, that of the tag, or one made of the commit's time, which sorts below the release.
set -euo pipefail
cd "$(dirname "$0")/../../.."
umask 022
export LC_ALL=C TZ=UTC CGO_ENABLED=0 GOFLAGS=-buildvcs=false

out=$1 only=${2-}
tools_cache=${TOOLS_CACHE:-$(go env GOCACHE)} # of the tools, where GOCACHE is a fresh one for the product
nfpm=github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.4
cyclonedx=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0

if [ -z "${VERSION-}" ]; then
  if tag=$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null); then
    VERSION=${tag#v}
  else
    VERSION=0.1.0~git$(git log -1 --format=%cd.%h --abbrev=9 --date=format-local:%Y%m%d%H%M%S)
  fi
fi
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export VERSION SOURCE_DATE_EPOCH

mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # GOOS, GOARCH, file
  GOOS=$1 GOARCH=$2 go build -trimpath -pgo=cmd/ringdex/package/ringdex.pgo -ldflags "-s -w -buildid= -X main.release=$VERSION" -o "$3" ./cmd/ringdex
}

deb() { # GOARCH, binary, folder to put the package into
  local stage=$work/stage-$1
  mkdir -p "$stage/doc"
  install -m 0755 "$2" "$stage/ringdex"
  install -m 0644 "$work/THIRD-PARTY-LICENCES" "$stage/doc/THIRD-PARTY-LICENCES"
  install -m 0644 README.md soap/SALESFORCE.md ldapserver/HANDSETS.md "$stage/doc/"
  install -m 0644 cmd/ringdex/{CONFIG,OPERATIONS,TROUBLESHOOTING,SECURITY,SIZING,DRILLS}.md "$stage/doc/"
  gzip -n9 "$stage"/doc/THIRD-PARTY-LICENCES
  gzip -n9c CHANGELOG.md >"$stage/changelog.gz"
  install -m 0644 cmd/ringdex/package/copyright "$stage/copyright"
  "$work/host" docs man | gzip -n9 >"$stage/ringdex.8.gz"
  local shell
  for shell in bash zsh fish; do "$work/host" completion "$shell" >"$stage/completion.$shell"; done
  ARCH=$1 STAGE=$stage GOFLAGS='' GOCACHE=$tools_cache go run "$nfpm" package --config cmd/ringdex/package/nfpm.yaml --packager deb --target "$3/"
}

cmd/ringdex/package/licences.sh >"$work/THIRD-PARTY-LICENCES"
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$work/host"

if [ "$only" = deb ]; then
  deb "$(go env GOHOSTARCH)" "$work/host" "$out"
  exit
fi

for platform in linux/amd64 linux/arm64 windows/amd64; do
  os=${platform%/*} arch=${platform#*/}
  name=ringdex-$VERSION-$os-$arch
  binary=$out/$name
  if [ "$os" = windows ]; then binary=$binary.exe; fi
  build "$os" "$arch" "$binary"
  GOFLAGS='' GOCACHE=$tools_cache go run "$cyclonedx" bin -json -std -licenses -noserial -notimestamp \
    -version "$VERSION" -output "$out/$name.cdx.json" "$binary"
  if [ "$os" = linux ]; then deb "$arch" "$binary" "$out"; fi
done
install -m 0644 LICENSE "$out/LICENSE"
install -m 0644 "$work/THIRD-PARTY-LICENCES" "$out/THIRD-PARTY-LICENCES"
(cd "$out" && find . -type f ! -name SHA256SUMS -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS)
cat "$out/SHA256SUMS"
