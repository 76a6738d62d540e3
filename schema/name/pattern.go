package name

// Pattern is an assertion on names: equality or substrings. Match uses buffers of the pattern, so one goroutine at a
// time may use it.
type Pattern struct{}

// NewPattern returns a substrings assertion (RFC 4511, 4.5.1.7.2). Empty parts are as if absent. It keeps no argument.
func NewPattern(initial []byte, any [][]byte, final []byte) *Pattern { return &Pattern{} }

// NewEquality returns an equality assertion. It keeps no argument.
func NewEquality(v []byte) *Pattern { return &Pattern{} }

// Match says whether a value satisfies the assertion.
func (p *Pattern) Match(value []byte) bool { return false }

// TermKind says how an index looks for a word. The store's query kinds have the same names.
type TermKind uint8

// The kinds of terms.
const (
	WordStarts   TermKind = iota // a word begins with the text
	WordIs                       // a word is the text
	WordContains                 // the text is inside one word
)

// Term is a question to an index of the words of all variants (VariantWords).
type Term struct {
	Kind TermKind
	Text []byte // folded, never empty, without a space
}

// Clauses returns what an index can be asked: every value that the pattern matches satisfies every clause (AND), and
// satisfies a clause by at least one of its terms (OR). None means that no index helps. It belongs to the pattern.
func (p *Pattern) Clauses() [][]Term { return nil }
