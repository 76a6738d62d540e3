package soap

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a reply's markup. They are far above what Salesforce sends and keep
// a broken or hostile reply from costing more than its own bytes.
const (
	maxTagBytes    = 64 << 10
	maxDepth       = 32
	maxFieldDepth  = 12 // five parents, a compound, and room
	maxRecordSlots = 4096
	maxLayouts     = 1 << 15 // steps remembered by one cursor
)

// errTruncated: the reply ends before its last tag.
var errTruncated = errors.New("ends in the middle")

// scanner pulls tags and text out of a reply that lies in memory as a whole. It
// knows the XML that SOAP 1.1 allows: UTF-8, no document type, no processing
// instructions, the five predefined entities, numeric references, CDATA and
// comments. Names are taken by their local part.
type scanner struct {
	data []byte
	pos  int
}

// tag is a start tag. Its slices point into the data.
type tag struct {
	raw   []byte // with the angle brackets
	name  []byte // as written, with prefix
	attrs []byte // what follows the name
	empty bool   // <name/>
}

func (t tag) local() []byte { return localName(t.name) }

func localName(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// attribute finds a prefixed attribute by its local name. The value is raw.
func (t tag) attribute(local string) (string, bool) {
	a := t.attrs
	for {
		a = bytes.TrimLeft(a, " \t\r\n/")
		eq := bytes.IndexByte(a, '=')
		if eq < 0 {
			return "", false
		}
		name := bytes.TrimRight(a[:eq], " \t\r\n")
		a = bytes.TrimLeft(a[eq+1:], " \t\r\n")
		if len(a) == 0 {
			return "", false
		}
		end := bytes.IndexByte(a[1:], a[0])
		if end < 0 {
			return "", false
		}
		if i := bytes.IndexByte(name, ':'); i > 0 && string(name[i+1:]) == local && string(name[:i]) != "xmlns" {
			return string(a[1 : 1+end]), true
		}
		a = a[end+2:]
	}
}

// null reports xsi:nil="true".
func (t tag) null() bool {
	if len(t.attrs) < len(`x:nil="1"`) {
		return false
	}
	v, ok := t.attribute("nil")
	v = strings.TrimSpace(v)
	return ok && (v == "true" || v == "1")
}

// fail never quotes the data: an error may be logged, and the data may be
// anything.
func (s *scanner) fail(format string, a ...any) error {
	return fmt.Errorf("is not well-formed at byte %d: %s", s.pos, fmt.Sprintf(format, a...))
}

func (s *scanner) skipSpace() {
	for s.pos < len(s.data) && isSpace(s.data[s.pos]) {
		s.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// ahead reports whether the data goes on with prefix.
func (s *scanner) ahead(prefix string) bool {
	d := s.data[s.pos:]
	return len(d) >= len(prefix) && string(d[:len(prefix)]) == prefix
}

// text returns the raw text up to the next markup.
func (s *scanner) text() ([]byte, error) {
	i := bytes.IndexByte(s.data[s.pos:], '<')
	if i < 0 {
		s.pos = len(s.data)
		return nil, errTruncated
	}
	raw := s.data[s.pos : s.pos+i]
	s.pos += i
	return raw, nil
}

// comment skips a comment, where one begins.
func (s *scanner) comment() (bool, error) {
	if !s.ahead("<!--") {
		return false, nil
	}
	body := s.data[s.pos+4:]
	i := bytes.Index(body, []byte("--"))
	if i < 0 || i+2 >= len(body) {
		return false, errTruncated
	}
	if body[i+2] != '>' {
		return false, s.fail("-- inside a comment")
	}
	s.pos += 4 + i + 3
	return true, nil
}

// cdata returns the content of a CDATA section, where one begins.
func (s *scanner) cdata() ([]byte, bool, error) {
	const open, end = "<![CDATA[", "]]>"
	if !s.ahead(open) {
		return nil, false, nil
	}
	body := s.data[s.pos+len(open):]
	i := bytes.Index(body, []byte(end))
	if i < 0 {
		return nil, false, errTruncated
	}
	s.pos += len(open) + i + len(end)
	return body[:i], true, nil
}

// endTag reads "</name>" and returns the name.
func (s *scanner) endTag() ([]byte, error) {
	d := s.data[s.pos:]
	i := bytes.IndexByte(d, '>')
	if i < 0 {
		return nil, errTruncated
	}
	name := bytes.TrimRight(d[2:i], " \t\r\n")
	if !validName(name) {
		return nil, s.fail("bad end tag")
	}
	s.pos += i + 1
	return name, nil
}

// startTag reads "<name attr='…'>".
func (s *scanner) startTag() (tag, error) {
	d := s.data[s.pos:]
	if len(d) < 2 {
		return tag{}, errTruncated
	}
	i := 1
	for i < len(d) && !isSpace(d[i]) && d[i] != '>' && d[i] != '/' {
		i++
	}
	name := d[1:i]
	end, empty, err := s.attributes(d, i)
	if err != nil {
		return tag{}, err
	}
	if !validName(name) {
		if bytes.HasPrefix(d, []byte("<?")) {
			return tag{}, s.fail("processing instruction")
		}
		if bytes.HasPrefix(d, []byte("<!")) {
			return tag{}, s.fail("declaration")
		}
		return tag{}, s.fail("bad start tag")
	}
	s.pos += end
	attrs := d[i : end-1]
	if empty {
		attrs = d[i : end-2]
	}
	return tag{raw: d[:end], name: name, attrs: attrs, empty: empty}, nil
}

// attributes walks over the attributes of a tag from i on and returns the length
// of the whole tag.
func (s *scanner) attributes(d []byte, i int) (end int, empty bool, err error) {
	for {
		spaced := false
		for i < len(d) && isSpace(d[i]) {
			i, spaced = i+1, true
		}
		switch {
		case i > maxTagBytes:
			return 0, false, s.fail("tag of more than %d bytes", maxTagBytes)
		case i >= len(d):
			return 0, false, errTruncated
		case d[i] == '>':
			return i + 1, false, nil
		case d[i] == '/':
			if i+1 >= len(d) {
				return 0, false, errTruncated
			}
			if d[i+1] != '>' {
				return 0, false, s.fail("/ inside a tag")
			}
			return i + 2, true, nil
		case !spaced:
			return 0, false, s.fail("attributes without space between")
		}
		from := i
		for i < len(d) && d[i] != '=' && !isSpace(d[i]) && d[i] != '>' && d[i] != '<' {
			i++
		}
		name := d[from:i]
		for i < len(d) && isSpace(d[i]) {
			i++
		}
		if i < len(d) && (d[i] != '=' || !validName(name)) {
			return 0, false, s.fail("bad attribute")
		}
		for i++; i < len(d) && isSpace(d[i]); i++ {
		}
		if i >= len(d) {
			return 0, false, errTruncated
		}
		quote := d[i]
		if quote != '"' && quote != '\'' {
			return 0, false, s.fail("attribute value without quotes")
		}
		rest := d[i+1 : min(len(d), i+1+maxTagBytes)]
		n := bytes.IndexByte(rest, quote)
		if n < 0 {
			if len(rest) == maxTagBytes {
				return 0, false, s.fail("tag of more than %d bytes", maxTagBytes)
			}
			return 0, false, errTruncated
		}
		if bytes.IndexByte(rest[:n], '<') >= 0 {
			return 0, false, s.fail("< inside an attribute")
		}
		i += n + 2
	}
}

// skipElement skips everything up to and with the end of t, whose start tag was
// just read.
func (s *scanner) skipElement(t tag) error {
	if t.empty {
		return nil
	}
	stack := make([][]byte, 1, 8)
	stack[0] = t.name
	for len(stack) > 0 {
		raw, err := s.text()
		if err != nil {
			return err
		}
		if bytes.IndexByte(raw, '&') >= 0 {
			var discard strings.Builder
			if _, err := writeText(&discard, raw); err != nil {
				return s.fail("%v", err)
			}
		}
		if ok, err := s.comment(); ok || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if _, ok, err := s.cdata(); ok || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if s.ahead("</") {
			name, err := s.endTag()
			if err != nil {
				return err
			}
			if !bytes.Equal(name, stack[len(stack)-1]) {
				return s.fail("an element is closed by another's end tag")
			}
			stack = stack[:len(stack)-1]
			continue
		}
		inner, err := s.startTag()
		if err != nil {
			return err
		}
		if !inner.empty {
			if len(stack) >= maxDepth {
				return s.fail("more than %d levels", maxDepth)
			}
			stack = append(stack, inner.name)
		}
	}
	return nil
}

func validName(name []byte) bool {
	if len(name) == 0 {
		return false
	}
	colons := 0
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= utf8.RuneSelf:
		case c == ':':
			colons++
			if i == 0 || i == len(name)-1 || colons > 1 {
				return false
			}
		case c >= '0' && c <= '9', c == '-', c == '.':
			if i == 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}
