package protocol

// Limits bound what one message may hold. A zero field means the default. What is beyond a limit is answered adminLimitExceeded.
type Limits struct {
	MaxDepth      int // levels of a filter, its leaves included; 32 (CVE-2020-12243: nested filters crashed a server)
	MaxTerms      int // terms of a filter, And, Or and Not counted; 256 (Evolution sends 56)
	MaxAttributes int // attribute selectors; 512
	MaxControls   int // 10 (CVE-2026-9064)
	MaxDN         int // octets of a DN or a name; 4096, and 65,536 at most
	MaxSubstrings int // parts of one substring term, empty ones counted; 64
}

// The defaults of Limits.
const (
	DefaultMaxDepth      = 32
	DefaultMaxTerms      = 256
	DefaultMaxAttributes = 512
	DefaultMaxControls   = 10
	DefaultMaxDN         = 4096
	DefaultMaxSubstrings = 64
)

func orDefault(limit, def int) int {
	if limit == 0 {
		return def
	}
	return limit
}

func (l Limits) depth() int      { return orDefault(l.MaxDepth, DefaultMaxDepth) }
func (l Limits) terms() int      { return orDefault(l.MaxTerms, DefaultMaxTerms) }
func (l Limits) attributes() int { return orDefault(l.MaxAttributes, DefaultMaxAttributes) }
func (l Limits) controls() int   { return orDefault(l.MaxControls, DefaultMaxControls) }
func (l Limits) dn() int         { return orDefault(l.MaxDN, DefaultMaxDN) }
func (l Limits) substrings() int { return orDefault(l.MaxSubstrings, DefaultMaxSubstrings) }
