package main

import (
	"bufio"
	"fmt"
	"net"

	"github.com/go-ldap/ldap/v3"

	"ringdex/ldapserver/ber"
)

// person is an entry as it was pulled, in the order of the answer. Its octets are valid until the next one.
type person struct{ attributes []pulledAttribute }

type pulledAttribute struct {
	name   []byte
	values [][]byte
}

// values of an attribute; none where the entry has none.
func (p *person) values(name string) [][]byte {
	for i := range p.attributes {
		if string(p.attributes[i].name) == name {
			return p.attributes[i].values
		}
	}
	return nil
}

// first value of an attribute, "" where there is none.
func (p *person) first(name string) string {
	if v := p.values(name); len(v) > 0 {
		return string(v[0])
	}
	return ""
}

// pull reads the whole directory page by page, since a million entries take longer than a search may, and keeps none of it.
func pull(addr, base string, each func(p *person) error) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	filter, err := ldap.CompileFilter(everybody(""))
	if err != nil {
		return err
	}
	m := mix{attributes: append([]string{"cn", "sn", "givenName", "o", "mail"}, numberAttributes...), page: pageSize}
	first := encodeSearch(base, filter, m).octets
	in := bufio.NewReaderSize(c, 1<<20)
	if _, err := c.Write(anonymousBind); err != nil {
		return err
	}
	if _, op, err := readMessage(in); err != nil || op != bindResponse {
		return fmt.Errorf("bind: operation %#x, %v", op, err)
	}
	var p person
	for message := first; ; {
		if _, err := c.Write(message); err != nil {
			return err
		}
		result, err := readPage(in, &p, each)
		if err != nil {
			return err
		}
		var a answer
		if _, done, err := a.scan(result); err != nil || !done || a.code != 0 {
			return fmt.Errorf("a page ends with result code %d, %v", a.code, err)
		}
		if len(a.cookie) == 0 {
			return nil
		}
		message = withCookie(first, a.cookie)
	}
}

// Operations of answers (RFC 4511, appendix B).
const (
	bindResponse = 0x61
	searchEntry  = 0x64
	searchDone   = 0x65
)

// readPage hands on the entries of a page and returns the message that ends it.
func readPage(in *bufio.Reader, p *person, each func(p *person) error) (result []byte, err error) {
	for {
		message, op, err := readMessage(in)
		if err != nil {
			return nil, err
		}
		switch op {
		case searchDone:
			return message, nil
		case searchEntry:
			if err := p.decode(message); err != nil {
				return nil, err
			}
			if err := each(p); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("unexpected operation %#x in an answer", op)
		}
	}
}

// readMessage reads a message into the reader's buffer, where it is valid until the next read.
func readMessage(in *bufio.Reader) (message []byte, op byte, err error) {
	for n := 2; ; {
		head, err := in.Peek(n)
		if err != nil {
			return nil, 0, err
		}
		total, need, err := ber.FrameLength(head, in.Size())
		if err != nil {
			return nil, 0, err
		}
		if need {
			n++
			continue
		}
		if message, err = in.Peek(total); err != nil {
			return nil, 0, err
		}
		_, err = in.Discard(total)
		if err != nil {
			return nil, 0, err
		}
		break
	}
	r := ber.NewReader(message, 2)
	body, err := r.Enter(ber.Sequence)
	if err == nil {
		_, _, err = body.Next()
	}
	if err != nil {
		return nil, 0, err
	}
	return message, byte(body.Peek()), nil
}

// decode reads a SearchResultEntry (RFC 4511, 4.5.2) into the memory of the last one.
func (p *person) decode(message []byte) error {
	r := ber.NewReader(message, 8)
	body, err := r.Enter(ber.Sequence)
	if err != nil {
		return err
	}
	if _, _, err := body.Next(); err != nil {
		return err
	}
	entry, err := body.Enter(ber.Tag(searchEntry))
	if err != nil {
		return err
	}
	if _, err := entry.Content(ber.OctetString); err != nil {
		return err
	}
	list, err := entry.Enter(ber.Sequence)
	if err != nil {
		return err
	}
	for p.attributes = p.attributes[:0]; !list.Empty(); {
		n := len(p.attributes)
		if n == cap(p.attributes) {
			p.attributes = append(p.attributes, pulledAttribute{})
		}
		p.attributes = p.attributes[:n+1] // with the room of the entry before
		a := &p.attributes[n]
		attribute, err := list.Enter(ber.Sequence)
		if err != nil {
			return err
		}
		if a.name, err = attribute.Content(ber.OctetString); err != nil {
			return err
		}
		set, err := attribute.Enter(ber.Set)
		if err != nil {
			return err
		}
		a.values = a.values[:0]
		for !set.Empty() {
			v, err := set.Content(ber.OctetString)
			if err != nil {
				return err
			}
			a.values = append(a.values, v)
		}
	}
	return nil
}
