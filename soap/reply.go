package soap

import (
	"bytes"
	"errors"
	"slices"
	"strings"
)

// replyScan says what to take out of a reply before gosoap sees the rest.
type replyScan struct {
	// take is the element of the result that goes to taker, "records".
	take  string
	taker taker
	// drop are elements below the result that nobody asks for.
	drop []string

	// answer is the name of the body's element that run found: "queryResponse",
	// or "Fault".
	answer string
}

// taker takes elements out of a reply. The start tag was just read; take reads
// up to and with the end tag.
type taker interface {
	take(s *scanner, t tag) error
}

// The depths of a reply's elements.
const (
	envelopeDepth = 1
	bodyDepth     = 2 // and Header
	answerDepth   = 3 // queryResponse, Fault
	resultDepth   = 4
	itemDepth     = 5 // records, sobjects, ids
)

var errNotSOAP = errors.New("is not a SOAP envelope")

// run checks that data is one complete SOAP envelope, hands the elements asked
// for to the taker, and returns what remains: well-formed, without characters
// that XML forbids, and small.
func (rs *replyScan) run(data []byte) (rest []byte, err error) {
	s := &scanner{data: data}
	if err := s.prolog(); err != nil {
		return nil, err
	}
	if rs.take == "" && len(rs.drop) == 0 {
		rest = make([]byte, 0, len(data))
	}
	var open [][]byte
	inside := func(depth int, name string) bool {
		return len(open) >= depth && string(localName(open[depth-1])) == name
	}
	kept := s.pos // everything before is in rest or was taken
	keep := func(upTo int) (err error) {
		rest, err = appendClean(rest, data[kept:upTo])
		kept = upTo
		return err
	}
	body, answers, fault := 0, 0, false
	for {
		raw, err := s.text()
		if err != nil {
			return nil, err
		}
		if len(open) <= answerDepth-1 && len(bytes.TrimLeft(raw, " \t\r\n")) > 0 {
			return nil, errNotSOAP
		}
		from := s.pos
		comment, err := s.comment()
		if err != nil {
			return nil, err
		}
		content, cdata, err := s.cdata()
		if err != nil {
			return nil, err
		}
		if cdata && len(open) < answerDepth {
			return nil, errNotSOAP
		}
		if comment || cdata {
			if err := keep(from); err != nil {
				return nil, s.fail("%v", err)
			}
			rest = appendEscaped(rest, content)
			kept = s.pos
			continue
		}
		if s.ahead("</") {
			name, err := s.endTag()
			if err != nil {
				return nil, err
			}
			if len(open) == 0 || !bytes.Equal(name, open[len(open)-1]) {
				return nil, s.fail("an end tag without its start tag")
			}
			if open = open[:len(open)-1]; len(open) == 0 {
				break
			}
			continue
		}
		t, err := s.startTag()
		if err != nil {
			return nil, err
		}
		depth, local := len(open)+1, t.local()
		switch {
		case depth == envelopeDepth && string(local) != "Envelope":
			return nil, errNotSOAP
		case depth == bodyDepth && string(local) == "Body":
			body++
		case depth == answerDepth && inside(bodyDepth, "Body"):
			answers++
			rs.answer = string(local)
			fault = rs.answer == "Fault"
		}
		if depth > resultDepth && inside(bodyDepth, "Body") && !fault {
			taken, dropped := depth == itemDepth && inside(resultDepth, "result") && rs.take == string(local), slices.Contains(rs.drop, string(local))
			if taken || dropped {
				if err := keep(from); err != nil {
					return nil, s.fail("%v", err)
				}
				if taken {
					err = rs.taker.take(s, t)
				} else {
					err = s.skipElement(t)
				}
				if err != nil {
					return nil, err
				}
				kept = s.pos
				continue
			}
		}
		if t.empty {
			if depth == envelopeDepth {
				return nil, errNotSOAP
			}
			continue
		}
		if depth > maxDepth {
			return nil, s.fail("more than %d levels", maxDepth)
		}
		open = append(open, t.name)
	}
	if err := keep(s.pos); err != nil {
		return nil, s.fail("%v", err)
	}
	if body != 1 || answers > 1 {
		return nil, errNotSOAP
	}
	if err := s.epilog(); err != nil {
		return nil, err
	}
	return rest, nil
}

// prolog skips what may stand before the envelope.
func (s *scanner) prolog() error {
	if s.ahead("\xef\xbb\xbf") {
		s.pos += 3
	}
	if s.ahead("<?xml") {
		d := s.data[s.pos:]
		end := bytes.Index(d[:min(len(d), 1024)], []byte("?>"))
		if end < 0 {
			return errTruncated
		}
		if enc := encodingOf(string(d[:end])); enc != "" && !strings.EqualFold(enc, "utf-8") && !strings.EqualFold(enc, "us-ascii") {
			return s.fail("it is not in UTF-8")
		}
		s.pos += end + 2
	}
	return s.blank()
}

// blank skips white space and comments.
func (s *scanner) blank() error {
	for {
		s.skipSpace()
		if ok, err := s.comment(); err != nil || !ok {
			return err
		}
	}
}

// epilog checks that nothing follows the envelope.
func (s *scanner) epilog() error {
	if err := s.blank(); err != nil {
		return err
	}
	if s.pos < len(s.data) {
		return s.fail("something follows the envelope")
	}
	return nil
}

// appendEscaped writes the content of a CDATA section as text.
func appendEscaped(dst, content []byte) []byte {
	var text bytes.Buffer
	writeCDATA(&text, content)
	for _, c := range text.Bytes() {
		switch c {
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '&':
			dst = append(dst, "&amp;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func encodingOf(declaration string) string {
	_, v, ok := strings.Cut(declaration, "encoding")
	if !ok {
		return ""
	}
	v = strings.TrimLeft(v, " \t\r\n=")
	if v == "" {
		return "?"
	}
	enc, _, ok := strings.Cut(v[1:], v[:1])
	if !ok {
		return "?"
	}
	return enc
}
