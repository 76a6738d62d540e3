package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"

	"ringdex/ldapserver/protocol"
)

// canned serves constant entries to every search, as many as its time limit says: the least that an LDAP server in Go can
// cost for an answer of that length.
func canned(args []string) error {
	fs := flags("canned")
	listen := fs.String("listen", "127.0.0.1:3390", "address")
	_ = fs.Parse(args)
	if err := loopback(*listen); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go serveCanned(c)
	}
}

func serveCanned(c net.Conn) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 16<<10)
	entry := cannedEntry()
	var out []byte
	for {
		m, err := readCanned(r)
		if err != nil {
			return
		}
		switch m.op {
		case byte(protocol.OpBindRequest):
			out = protocol.AppendResult(out, m.id, protocol.OpBindResponse, protocol.Success, "", "", nil)
		case byte(protocol.OpSearchRequest):
			for range m.entries {
				at := len(out)
				out = append(out, entry...)
				patchID(out[at:], m.id)
			}
			out = protocol.AppendResult(out, m.id, protocol.OpSearchResultDone, protocol.Success, "", "", nil)
		default:
			return
		}
		if r.Buffered() > 0 {
			continue
		}
		if _, err := c.Write(out); err != nil {
			return
		}
		out = out[:0]
	}
}

// cannedID is the message id in a canned message: four octets that the answer overwrites.
const cannedID = 0x7f000000

// cannedEntry is as large as a contact with the attributes that phones ask for. Behind the message's own tag and
// length (one octet each up to 127, else two or three) stands the id.
func cannedEntry() []byte {
	var e protocol.EntryEncoder
	e.BeginEntry(nil, cannedID, []byte("uid=003000000000001AAA,ou=Contact,dc=ringdex"))
	e.AppendAttribute("cn", []byte("Anna Mustermann"))
	e.AppendAttribute("sn", []byte("Mustermann"))
	e.AppendAttribute("telephoneNumber", []byte("+493023125123"))
	return e.EndEntry(nil)
}

// patchID overwrites the four octets of cannedID.
func patchID(msg []byte, id int32) {
	at := 2
	if msg[1] >= 0x80 {
		at += int(msg[1] & 0x7f)
	}
	binary.BigEndian.PutUint32(msg[at+2:], uint32(id))
}

// cannedRequest is as much of a request as the canned server looks at.
type cannedRequest struct {
	id      int32
	op      byte
	entries int // time limit of a search
}

// readCanned reads one message.
func readCanned(r *bufio.Reader) (m cannedRequest, err error) {
	if _, err := r.ReadByte(); err != nil {
		return m, err
	}
	n, err := readLength(r)
	if err != nil {
		return m, err
	}
	if n > r.Size() {
		return m, io.ErrShortBuffer
	}
	body, err := r.Peek(n)
	if err != nil {
		return m, err
	}
	idLen := int(body[1])
	m.id = int32(number(body[2 : 2+idLen]))
	body = body[2+idLen:]
	if m.op = body[0]; m.op == byte(protocol.OpSearchRequest) {
		at := 2
		if body[1] >= 0x80 {
			at += int(body[1] & 0x7f)
		}
		for range 4 { // base, scope, aliases, size limit: all of them short
			at += 2 + int(body[at+1])
		}
		m.entries = number(body[at+2 : at+2+int(body[at+1])])
	}
	_, err = r.Discard(n)
	return m, err
}

func number(b []byte) (n int) {
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}

func readLength(r *bufio.Reader) (int, error) {
	b, err := r.ReadByte()
	if err != nil || b < 0x80 {
		return int(b), err
	}
	n := 0
	for range b & 0x7f {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n = n<<8 | int(b)
	}
	return n, nil
}
