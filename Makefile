# Needs Go 1.26 and make. Some targets use more where it is there: ldap-utils (README test), libxml2-utils (emulator's
# schema test), slapd (bench-peers, oracle), 389-ds-base (bench-peers), python3-ldap3, a JDK and tshark (interop). On Debian: apt-get install
# ldap-utils libxml2-utils slapd python3-ldap3 default-jdk-headless tshark. What is missing is skipped, and said so.
# deb, release and reproduce need bash, git, gzip and the Go proxy; the tools that they run come by `go run`. try-deb needs root,
# debootstrap and a Debian mirror.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT     = mvdan.cc/gofumpt@v0.12.0
FUZZTIME   ?= 10s
SOAK       ?= 60
BAD        ?= 100000
ORACLE     ?= 5000
ARGS       ?=

DIST       ?= dist

.PHONY: help build test check race soak hard fuzz oracle interop bench bench-peers bench-replication docs demo sizing profile deb release reproduce try-deb

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

build: ## build ./ringdex
	CGO_ENABLED=0 go build -trimpath -o ringdex ./cmd/ringdex

test: ## run the tests (README blocks and layers too)
	go test -timeout 30m ./...

check: ## gofumpt, vet (for Windows too) and staticcheck
	@out=$$(go run $(GOFUMPT) -l .); if [ -n "$$out" ]; then echo "gofumpt would change:"; echo "$$out"; exit 1; fi
	go vet ./...
	GOOS=windows go vet ./...
	go run $(STATICCHECK) ./...

race: ## run the tests with the race detector, without the long ones
	go test -race -short -timeout 40m ./...

soak: ## kill, cut off, disturb and reopen replications at random, for SOAK seconds
	RINGDEX_SOAK=$(SOAK) go test -count=1 -v -timeout $$(( $(SOAK) + 300 ))s -run '^(TestKill|TestKilled|TestPowerFailure|TestRandomHistories|TestFaultMatrix|TestCancelMatrix)$$' ./replicator/... ./cmd/ringdex

hard: ## bad connections by the hundred thousand, and 100 clients that pull everything while one looks numbers up
	RINGDEX_BAD=$(BAD) go test -count=1 -v -timeout 60m -run '^TestBadConnections' ./ldapserver
	RINGDEX_PULLS=1 go test -count=1 -v -timeout 10m -run '^TestPullsGiveWay$$' ./ldapserver/directory

fuzz: ## fuzz every decoder for FUZZTIME each
	@.ci/fuzz $(FUZZTIME)

oracle: ## the same ORACLE requests to slapd and to ringdex: every difference is a failure or listed
	RINGDEX_ORACLE=$(ORACLE) go test -count=1 -v -timeout 20m -run '^TestOracle$$' ./ldapserver/directory

interop: ## ldap-utils, python3-ldap3, JNDI and tshark against our server
	RINGDEX_INTEROP=1 go test -count=1 -v -timeout 10m -run '^TestInterop' ./ldapserver/directory

bench: ## run the benchmarks; pipe two runs into benchstat
	go test -run '^$$' -bench . -benchmem ./...

bench-peers: ## the same lookups against ringdex, slapd and 389 Directory Server, side by side (PEERS, MIXES, ROUNDS)
	./ldapserver/loadtest/peers.sh

bench-replication: ## a full copy, a delta, and lookups meanwhile, beside jsforce (CONTACTS=100000)
	./replicator/peers.sh

docs: ## write the generated references anew
	go generate ./...

demo: ## an invented org, replicated and looked up: no account needed
	go run ./cmd/ringdex demo $(ARGS)

sizing: ## the rows of SIZING.md's table, measured here (SIZES="10000 100000 1000000"; for a quiet machine, some minutes)
	cmd/ringdex/sizing.sh

profile: ## make the profile anew that releases are built by (for a quiet machine, two minutes)
	cmd/ringdex/package/profile.sh

deb: ## the Debian package of this machine's architecture, in ./dist
	cmd/ringdex/package/release.sh $(DIST) deb

release: ## static binaries, packages, licences, bills of materials and SHA256SUMS, in ./dist (VERSION=1.2.3)
	rm -rf $(DIST)
	cmd/ringdex/package/release.sh $(DIST)

reproduce: ## build the release twice, in two folders with nothing in common, and compare the bytes
	cmd/ringdex/package/reproduce.sh

try-deb: ## the package in a clean Debian with systemd: install, serve, upgrade, downgrade, purge (as root; BASE=FOLDER keeps Debian)
	cmd/ringdex/package/try.sh
