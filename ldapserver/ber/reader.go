package ber

// Reader walks over the elements of one content. It copies nothing: every content it yields is a part of the bytes it was given.
// It is a small value; copying it saves a position.
type Reader struct {
	rest  []byte
	depth int
}

// NewReader reads b, into which at most depth levels of constructed elements may be entered.
func NewReader(b []byte, depth int) Reader { return Reader{rest: b, depth: depth} }

// Empty says that no octet is left.
func (r *Reader) Empty() bool { return len(r.rest) == 0 }

// Rest is what was not read yet.
func (r *Reader) Rest() []byte { return r.rest }

// Peek is the tag of the next element, 0 where none is left.
func (r *Reader) Peek() Tag {
	if len(r.rest) == 0 {
		return 0
	}
	return Tag(r.rest[0])
}

// Next takes the next element, whatever it is. Its whole content is there, else err is ErrTruncated.
func (r *Reader) Next() (Tag, []byte, error) {
	b := r.rest
	if len(b) >= 2 {
		if end := int(b[1]) + 2; b[1] < 0x80 && end <= len(b) && b[0]&0x1f != 0x1f {
			r.rest = b[end:]
			return Tag(b[0]), b[2:end:end], nil
		}
	}
	return r.nextLong()
}

// nextLong is Next for whatever is not a complete element with a short length.
func (r *Reader) nextLong() (Tag, []byte, error) {
	tag, size, length, need, err := header(r.rest)
	if err != nil {
		return tag, nil, err
	}
	if need || length > int64(len(r.rest)-size) {
		return tag, nil, ErrTruncated
	}
	end := size + int(length)
	content := r.rest[size:end:end]
	r.rest = r.rest[end:]
	return tag, content, nil
}

// Content takes the next element, which must have the tag want (a number below 31): ErrTag else, and nothing is taken.
func (r *Reader) Content(want Tag) ([]byte, error) {
	b := r.rest
	if len(b) >= 2 && Tag(b[0]) == want && b[1] < 0x80 {
		if end := int(b[1]) + 2; end <= len(b) {
			r.rest = b[end:]
			return b[2:end:end], nil
		}
	}
	return r.contentLong(want)
}

// contentLong is Content for whatever is not a complete element with a short length.
func (r *Reader) contentLong(want Tag) ([]byte, error) {
	if len(r.rest) == 0 {
		return nil, ErrTruncated
	}
	if Tag(r.rest[0]) != want {
		return nil, ErrTag
	}
	_, content, err := r.nextLong()
	return content, err
}

// Enter takes the next element, which must have the constructed tag want, and yields a reader of its content. It is ErrDepth where
// the levels that NewReader allowed are used up.
func (r *Reader) Enter(want Tag) (Reader, error) {
	if r.depth <= 0 {
		return Reader{}, ErrDepth
	}
	content, err := r.Content(want)
	return Reader{rest: content, depth: r.depth - 1}, err
}

// Int takes the next element as an integer under the tag want.
func (r *Reader) Int(want Tag) (int64, error) {
	content, err := r.Content(want)
	if err != nil {
		return 0, err
	}
	return ParseInt(content)
}

// Bool takes the next element as a boolean under the tag want.
func (r *Reader) Bool(want Tag) (bool, error) {
	content, err := r.Content(want)
	if err != nil {
		return false, err
	}
	return ParseBool(content)
}

// Skip takes all elements that are left and says whether they were well formed: whoever extends a SEQUENCE appends to it, and what
// is appended is ignored (RFC 4511, 4).
func (r *Reader) Skip() error {
	for len(r.rest) > 0 {
		if _, _, err := r.Next(); err != nil {
			return err
		}
	}
	return nil
}

// End is ErrTrailing where something is left.
func (r *Reader) End() error {
	if len(r.rest) > 0 {
		return ErrTrailing
	}
	return nil
}

// ParseInt reads the content of an INTEGER or ENUMERATED. Leading octets that only repeat the sign are allowed in any number
// (Snom: 00 32); a value beyond 64 bits is ErrValue, no content ErrEmpty (X.690, 8.3.1).
func ParseInt(content []byte) (int64, error) {
	if len(content) == 0 {
		return 0, ErrEmpty
	}
	v := int64(int8(content[0]))
	for i, c := range content[1:] {
		// Before the ninth octet everything so far must be sign.
		if i >= 7 && v != v<<8>>8 {
			return 0, ErrValue
		}
		v = v<<8 | int64(c)
	}
	return v, nil
}

// ParseBool reads the content of a BOOLEAN: one octet (X.690, 8.2.1), any but 0 is TRUE (X.690, 8.2.2).
func ParseBool(content []byte) (bool, error) {
	switch len(content) {
	case 0:
		return false, ErrEmpty
	case 1:
		return content[0] != 0, nil
	}
	return false, ErrValue
}
