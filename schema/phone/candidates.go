package phone

// Candidate is one reading of a dialled or shown number. Key and Extension are digits that compare with Number.Keys.
//
// Both alias the scratch buffer of AppendCandidates: they are valid until that buffer is used again.
type Candidate struct {
	Key       []byte
	Rule      string
	Extension []byte
}

// Candidates returns the readings of asked, best first, without duplicates. The result owns its memory.
func (p *Parser) Candidates(asked string) []Candidate {
	c, _ := p.AppendCandidates(nil, nil, []byte(asked))
	return c
}

// AppendCandidates appends the readings of asked to dst and returns it together with the scratch buffer, which holds
// the bytes of the new candidates. A caller keeps both and passes dst[:0] and scratch[:0] the next time; then the
// well-formed spellings (digits, "+" and digits) allocate nothing.
func (p *Parser) AppendCandidates(dst []Candidate, scratch, asked []byte) ([]Candidate, []byte) {
	return dst, scratch
}
