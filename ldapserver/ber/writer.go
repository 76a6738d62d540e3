package ber

// LengthSize is the number of octets that the minimal form of length takes.
func LengthSize(length int) int {
	switch {
	case length < 0x80:
		return 1
	case length < 1<<8:
		return 2
	case length < 1<<16:
		return 3
	case length < 1<<24:
		return 4
	}
	return 5
}

// PutLength writes the minimal form of length to the start of b, which must hold LengthSize octets, and returns their number.
func PutLength(b []byte, length int) int {
	if length < 0x80 {
		b[0] = byte(length)
		return 1
	}
	n := LengthSize(length)
	b[0] = 0x80 | byte(n-1)
	for i := n - 1; i > 0; i-- {
		b[i] = byte(length)
		length >>= 8
	}
	return n
}

// AppendHeader appends tag and the minimal form of length, which is not negative and below 2^32.
func AppendHeader(dst []byte, tag Tag, length int) []byte {
	if length < 0x80 {
		return append(dst, byte(tag), byte(length))
	}
	var b [maxHeader]byte
	b[0] = byte(tag)
	return append(dst, b[:1+PutLength(b[1:], length)]...)
}

// ElementSize is the length of an element whose content has length octets.
func ElementSize(length int) int { return 1 + LengthSize(length) + length }

// AppendBytes appends an element with the content v.
func AppendBytes(dst []byte, tag Tag, v []byte) []byte {
	return append(AppendHeader(dst, tag, len(v)), v...)
}

// AppendString appends an element with the content v.
func AppendString(dst []byte, tag Tag, v string) []byte {
	return append(AppendHeader(dst, tag, len(v)), v...)
}

// AppendInt appends v in the fewest octets (X.690, 8.3.2).
func AppendInt(dst []byte, tag Tag, v int64) []byte {
	n := 1
	for x := v >> 7; x != 0 && x != -1; x >>= 8 {
		n++
	}
	dst = append(dst, byte(tag), byte(n))
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// IntSize is the length of the element that AppendInt appends.
func IntSize(v int64) int {
	n := 3
	for x := v >> 7; x != 0 && x != -1; x >>= 8 {
		n++
	}
	return n
}

// AppendBool appends v; TRUE is FF (RFC 4511, 5.1 (3)).
func AppendBool(dst []byte, tag Tag, v bool) []byte {
	if v {
		return append(dst, byte(tag), 1, 0xff)
	}
	return append(dst, byte(tag), 1, 0)
}

// Begin opens an element whose length is not known yet. mark belongs to End. Elements nest: the one opened last ends first.
func Begin(dst []byte, tag Tag) (out []byte, mark int) {
	return append(dst, byte(tag), 0), len(dst) + 2
}

// End closes the element that Begin opened at mark: it writes the length, moving the content where that needs more than the one
// octet reserved. Most elements of LDAP answers need one.
func End(dst []byte, mark int) []byte {
	length := len(dst) - mark
	if length < 0x80 {
		dst[mark-1] = byte(length)
		return dst
	}
	var pad [maxHeader]byte
	more := LengthSize(length) - 1
	dst = append(dst, pad[:more]...)
	copy(dst[mark+more:], dst[mark:mark+length])
	PutLength(dst[mark-1:], length)
	return dst
}
