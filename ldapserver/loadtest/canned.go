package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"

	"ringdex/ldapserver/protocol"
)

// canned serves one constant answer to every search: the least that an LDAP server in Go can cost.
func canned(args []string) error {
	fs := flags("canned")
	listen := fs.String("listen", "127.0.0.1:3390", "address")
	entries := fs.Int("entries", 1, "entries in the answer")
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
		go serveCanned(c, *entries)
	}
}

func serveCanned(c net.Conn, entries int) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 16<<10)
	entry := cannedEntry()
	var out []byte
	for {
		id, op, err := skipMessage(r)
		if err != nil {
			return
		}
		switch op {
		case byte(protocol.OpBindRequest):
			out = protocol.AppendResult(out, id, protocol.OpBindResponse, protocol.Success, "", "", nil)
		case byte(protocol.OpSearchRequest):
			for range entries {
				at := len(out)
				out = append(out, entry...)
				patchID(out[at:], id)
			}
			out = protocol.AppendResult(out, id, protocol.OpSearchResultDone, protocol.Success, "", "", nil)
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

// skipMessage reads one message and returns its id and its operation's tag.
func skipMessage(r *bufio.Reader) (id int32, op byte, err error) {
	if _, err := r.ReadByte(); err != nil {
		return 0, 0, err
	}
	n, err := readLength(r)
	if err != nil {
		return 0, 0, err
	}
	if n > r.Size() {
		return 0, 0, io.ErrShortBuffer
	}
	body, err := r.Peek(n)
	if err != nil {
		return 0, 0, err
	}
	idLen := int(body[1])
	for _, b := range body[2 : 2+idLen] {
		id = id<<8 | int32(b)
	}
	op = body[2+idLen]
	_, err = r.Discard(n)
	return id, op, err
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
