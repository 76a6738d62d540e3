package soap

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textWriter is a strings.Builder or a bytes.Buffer.
type textWriter interface {
	Write(p []byte) (int, error)
	WriteByte(c byte) error
	WriteRune(r rune) (int, error)
}

var errEntity = errors.New("unknown or broken entity")

// plain reports whether raw text needs no work: printable ASCII without '&'.
func plain(b []byte) bool {
	const (
		ones = 0x0101010101010101
		high = 0x8080808080808080
	)
	for len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b)
		amp := v ^ (ones * '&')
		// A byte's high bit is set by: a non-ASCII byte, one below 0x20, '&'.
		if (v|(v-ones*0x20)&^v|(amp-ones)&^amp)&high != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c < 0x20 || c >= utf8.RuneSelf || c == '&' {
			return false
		}
	}
	return true
}

// writeText decodes raw element text into dst. Characters that XML 1.0 forbids,
// written as such or as a reference, are left out, and bytes that are not UTF-8
// become U+FFFD; dirty says that this happened (XML 1.0, 2.2). Line ends become
// "\n" (XML 1.0, 2.11).
func writeText(dst textWriter, raw []byte) (dirty bool, err error) {
	for len(raw) > 0 {
		c := raw[0]
		switch {
		case c == '&':
			r, n, err := reference(raw)
			if err != nil {
				return dirty, err
			}
			raw = raw[n:]
			if !allowed(r) {
				dirty = true
				continue
			}
			_, _ = dst.WriteRune(r)
		case c == '\r':
			_ = dst.WriteByte('\n')
			raw = raw[1:]
			if len(raw) > 0 && raw[0] == '\n' {
				raw = raw[1:]
			}
		case c < 0x20 && c != '\t' && c != '\n':
			dirty = true
			raw = raw[1:]
		case c < utf8.RuneSelf:
			n := 1
			for n < len(raw) && raw[n] >= 0x20 && raw[n] < utf8.RuneSelf && raw[n] != '&' {
				n++
			}
			_, _ = dst.Write(raw[:n])
			raw = raw[n:]
		default:
			r, n := utf8.DecodeRune(raw)
			if r == utf8.RuneError && n == 1 || !allowed(r) {
				dirty = true
				r = utf8.RuneError
			}
			_, _ = dst.WriteRune(r)
			raw = raw[n:]
		}
	}
	return dirty, nil
}

// writeCDATA is writeText for a CDATA section, where '&' means itself.
func writeCDATA(dst textWriter, raw []byte) (dirty bool) {
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			i = len(raw)
		}
		d, _ := writeText(dst, raw[:i])
		dirty = dirty || d
		if raw = raw[i:]; len(raw) > 0 {
			_ = dst.WriteByte('&')
			raw = raw[1:]
		}
	}
	return dirty
}

// reference decodes the entity or character reference at the beginning of raw.
// A reference to no character at all gives -1.
func reference(raw []byte) (r rune, n int, err error) {
	end := bytes.IndexByte(raw[:min(len(raw), 16)], ';')
	if end < 2 {
		return 0, 0, errEntity
	}
	name := raw[1:end]
	n = end + 1
	switch string(name) {
	case "amp":
		return '&', n, nil
	case "lt":
		return '<', n, nil
	case "gt":
		return '>', n, nil
	case "quot":
		return '"', n, nil
	case "apos":
		return '\'', n, nil
	}
	if name[0] != '#' {
		return 0, 0, errEntity
	}
	digits, base := string(name[1:]), 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	if digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, 0, errEntity
	}
	v, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, 0, errEntity
	}
	if v > utf8.MaxRune {
		return -1, n, nil
	}
	return rune(v), n, nil
}

// allowed is Char of XML 1.0, 2.2.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		r >= 0x20 && r <= 0xD7FF ||
		r >= 0xE000 && r <= 0xFFFD ||
		r >= 0x10000 && r <= utf8.MaxRune
}

// appendClean copies raw markup or text, still escaped, without what XML 1.0
// forbids, so that one bad character in a label does not cost the whole reply.
func appendClean(dst, raw []byte) ([]byte, error) {
	if plain(raw) {
		return append(dst, raw...), nil
	}
	for len(raw) > 0 {
		c := raw[0]
		switch {
		case c == '&':
			r, n, err := reference(raw)
			if err != nil {
				return dst, err
			}
			if allowed(r) {
				dst = append(dst, raw[:n]...)
			}
			raw = raw[n:]
		case c < 0x20 && c != '\t' && c != '\n' && c != '\r':
			raw = raw[1:]
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			raw = raw[1:]
		default:
			r, n := utf8.DecodeRune(raw)
			if !allowed(r) {
				r = utf8.RuneError
			}
			dst = utf8.AppendRune(dst, r)
			raw = raw[n:]
		}
	}
	return dst, nil
}
