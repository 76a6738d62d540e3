package emulator

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	nsEnvelope = "http://schemas.xmlsoap.org/soap/envelope/"
	nsPartner  = "urn:partner.soap.sforce.com"
	nsSObject  = "urn:sobject.partner.soap.sforce.com"
	nsFault    = "urn:fault.partner.soap.sforce.com"
	nsXSI      = "http://www.w3.org/2001/XMLSchema-instance"
)

// Limits of a request.
const (
	maxRequest  = 16 << 20 // bytes after inflating
	maxElements = 100_000
	maxNesting  = 50
)

// An element of a request, by namespace and local name: prefixes differ between clients.
type element struct {
	space, name string
	text        string
	null        bool
	children    []*element
}

// child gives the first child of that name, or nil.
func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// value gives the text of the first child of that name.
func (e *element) value(name string) string {
	if c := e.child(name); c != nil {
		return c.text
	}
	return ""
}

// list gives the texts of all children of that name.
func (e *element) list(name string) []string {
	var out []string
	for _, c := range e.children {
		if c.name == name {
			out = append(out, strings.TrimSpace(c.text))
		}
	}
	return out
}

// parseXML reads a document into elements. Document types are refused: they serve attacks only.
func parseXML(r io.Reader) (*element, error) {
	d := xml.NewDecoder(r)
	var stack []*element
	var root *element
	count := 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if count++; count > maxElements || len(stack) >= maxNesting {
				return nil, errors.New("the request has too many elements")
			}
			e := &element{space: t.Name.Space, name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Space == nsXSI && a.Name.Local == "nil" && (a.Value == "true" || a.Value == "1") {
					e.null = true
				}
			}
			switch {
			case len(stack) > 0:
				parent := stack[len(stack)-1]
				parent.children = append(parent.children, e)
			case root != nil:
				return nil, errors.New("more than one root element")
			default:
				root = e
			}
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			}
		case xml.Directive:
			return nil, errors.New("a document type is not allowed")
		}
	}
	if root == nil || len(stack) > 0 {
		return nil, errors.New("premature end of the request")
	}
	return root, nil
}

// appendEscaped appends a text to XML. Control characters that XML 1.0 forbids come as references, as the real server
// sends them; a zero byte never.
func appendEscaped(dst []byte, s string) []byte {
	n := len(dst)
	return escapeFrom(append(dst, s...), n)
}

// escapeFrom escapes dst[n:] where it lies; the common case has nothing to escape.
func escapeFrom(dst []byte, n int) []byte {
	for i := n; i < len(dst); i++ {
		if c := dst[i]; c < 0x20 && c != '\n' && c != '\t' || c == '&' || c == '<' || c == '>' || c == '\'' || c == '"' || c >= utf8.RuneSelf {
			if c >= utf8.RuneSelf && utf8.Valid(dst[i:]) {
				// Letters with accents are common: look on without them.
				if !needsEscape(dst[i:]) {
					return dst
				}
			}
			tail := string(dst[i:])
			return appendSlow(dst[:i], tail)
		}
	}
	return dst
}

func needsEscape(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\n' && c != '\t' || c == '&' || c == '<' || c == '>' || c == '\'' || c == '"' {
			return true
		}
	}
	return false
}

func appendSlow(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '\'':
			dst = append(dst, "&apos;"...)
		case r == '"':
			dst = append(dst, "&quot;"...)
		case r == 0:
		case r < 0x20 && r != '\n' && r != '\t':
			dst = append(dst, "&#x"...)
			dst = strconv.AppendInt(dst, int64(r), 16)
			dst = append(dst, ';')
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// xmlWriter builds small bodies.
type xmlWriter struct{ buf []byte }

func (w *xmlWriter) raw(s string) { w.buf = append(w.buf, s...) }

func (w *xmlWriter) open(name string)  { w.buf = append(append(append(w.buf, '<'), name...), '>') }
func (w *xmlWriter) close(name string) { w.buf = append(append(append(w.buf, "</"...), name...), '>') }

// text writes <name>value</name>.
func (w *xmlWriter) text(name, value string) {
	w.open(name)
	w.buf = appendEscaped(w.buf, value)
	w.close(name)
}

// optional writes the element only if it has a value.
func (w *xmlWriter) optional(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

// nillable writes the element with xsi:nil where the value is empty.
func (w *xmlWriter) nillable(name, value string) {
	if value == "" {
		w.null(name)
		return
	}
	w.text(name, value)
}

func (w *xmlWriter) null(name string) {
	w.buf = append(append(append(w.buf, '<'), name...), ` xsi:nil="true"/>`...)
}

func (w *xmlWriter) flag(name string, v bool)  { w.text(name, strconv.FormatBool(v)) }
func (w *xmlWriter) number(name string, v int) { w.text(name, strconv.Itoa(v)) }

// An envelope is a request taken apart.
type envelope struct {
	header    *element
	operation *element
}

// parseEnvelope reads a SOAP 1.1 request.
func parseEnvelope(r io.Reader) (*envelope, error) {
	root, err := parseXML(r)
	if err != nil {
		return nil, err
	}
	if root.name != "Envelope" || root.space != nsEnvelope {
		return nil, fmt.Errorf("unexpected element: {%s}%s, expected: {%s}Envelope", root.space, root.name, nsEnvelope)
	}
	env := &envelope{header: &element{}}
	for _, c := range root.children {
		switch {
		case c.space != nsEnvelope:
		case c.name == "Header":
			env.header = c
		case c.name == "Body":
			if len(c.children) != 1 {
				return nil, fmt.Errorf("the body holds %d operations, want 1", len(c.children))
			}
			env.operation = c.children[0]
		}
	}
	if env.operation == nil {
		return nil, errors.New("no Body in the envelope")
	}
	return env, nil
}
