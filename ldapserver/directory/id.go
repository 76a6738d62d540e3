package directory

import "bytes"

const (
	shortID = 15 // characters of an Id whose letter case counts
	fullID  = 18 // with a checksum of the letter case, which makes it safe in any case
)

// idAlphabet has the characters of the checksum: each tells which of five letters are upper case.
const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// appendID appends the 18-character form of a Salesforce Id with its own letter case: a short Id gets its checksum, a
// long one that somebody has folded gets back what its checksum says. ok is false for whatever is no Id.
func appendID(dst, id []byte) (out []byte, ok bool) {
	if len(id) != shortID && len(id) != fullID {
		return dst, false
	}
	at := len(dst)
	for i, c := range id[:shortID] {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (c < '0' || c > '9') {
			return dst[:at], false
		}
		if letter && len(id) == fullID {
			bits := bytes.IndexByte([]byte(idAlphabet), upper(id[shortID+i/5]))
			if bits < 0 {
				return dst[:at], false
			}
			if c |= 0x20; bits>>(i%5)&1 == 1 {
				c = upper(c)
			}
		}
		dst = append(dst, c)
	}
	for part := range 3 {
		bits := 0
		for i, c := range dst[at+5*part : at+5*part+5] {
			if 'A' <= c && c <= 'Z' {
				bits |= 1 << i
			}
		}
		dst = append(dst, idAlphabet[bits])
		if len(id) == fullID && upper(id[shortID+part]) != idAlphabet[bits] {
			return dst[:at], false
		}
	}
	return dst, true
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 0x20
	}
	return c
}
