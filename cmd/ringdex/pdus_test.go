package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"ringdex/replicator"
	"ringdex/soap/emulator"
)

// TestCapturedPDUsLive sends what real clients and other implementations' test suites sent to a live server with an org's
// contacts, and decodes the answers with another codec than ours.
func TestCapturedPDUsLive(t *testing.T) {
	t.Parallel()
	dir := sharedData(t)
	if dir == "" {
		t.Skip("no captured PDUs: neither RINGDEX_SHARED is set nor does ../shared lie beside the repository")
	}
	text, err := os.ReadFile(filepath.Join(dir, "reference", "client-pdus.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pdus []struct{ Name, Hex string }
	if err := json.Unmarshal(text, &pdus); err != nil {
		t.Fatal(err)
	}
	org, err := emulator.Start(emulator.Options{Generate: &emulator.Generate{Accounts: 5, Contacts: 30, Seed: 4}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { org.Close() })
	d := newMatrixDaemon(t, org.URL(), filepath.Join(t.TempDir(), "pdus.db"))
	t.Cleanup(func() { d.close(t) })
	d.run(t, replicator.Full)

	const none, closed, notice = -1, -2, -3 // no answer; the end; Notice of Disconnection
	want := map[string]struct{ tag, code, entries int }{
		"CanReadDeleteRequest":        {11, 53, 0},
		"CanReadBindRequest":          {1, 49, 0},
		"CanReadSearchRequest":        {5, 0, 1},  // the root DSE, as ldp.exe asks for it
		"CanReadSearchRequest2":       {5, 32, 0}, // pages of another directory
		"CanReadUnbindRequest":        {0, closed, 0},
		"CanReadAddRequest":           {9, 53, 0},
		"CanReadModifyDNRequest":      {13, 53, 0},
		"CanReadAbandonRequest":       {0, none, 0},
		"CanReadExtendedRequest":      {24, 2, 0}, // StartTLS on a plain port
		"CanReadSnomSearchRequest":    {5, 32, 0}, // of another directory
		"bindRequestAnonymousBytes":   {1, 0, 0},
		"extensionWhoAmIRequestBytes": {24, 0, 0},
		"abandonRequestBytes":         {0, none, 0},
	}
	whoAmI, err := hex.DecodeString("301e02010277198017312e332e362e312e342e312e343230332e312e31312e33")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range pdus {
		_, name, _ := strings.Cut(c.Name, "/")
		w, known := want[name]
		if strings.Contains(name, "Response") || strings.Contains(name, "SearchRes") {
			w, known = struct{ tag, code, entries int }{24, notice, 0}, true // what only a server says
		}
		if !known {
			t.Errorf("%s: it is not said here what is expected", c.Name)
			continue
		}
		pdu, err := hex.DecodeString(c.Hex)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := ber.DecodePacketErr(pdu)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		conn, err := net.Dial("tcp", d.port)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
		if w.code == none { // what comes behind it is answered, and nothing else
			pdu = append(pdu, whoAmI...)
			w.tag, w.code = 24, 0
			sent.Children[0].Value = int64(2)
		}
		if _, err := conn.Write(pdu); err != nil {
			t.Fatal(err)
		}
		if w.code != closed {
			entries, id, tag, code, err := readLDAP(conn)
			wantID := sent.Children[0].Value.(int64)
			if w.code == notice {
				wantID, w.code = 0, 2
				if _, err := io.ReadAll(conn); err != nil {
					t.Errorf("%s: the connection does not end: %v", c.Name, err)
				}
				w.entries = 0
			} else if w.tag == 0 {
				t.Errorf("%s: no expectation", c.Name)
			}
			if err != nil || entries != w.entries || tag != w.tag || code != w.code || id != wantID {
				t.Errorf("%s: got %d entries, message %d, operation %d, result %d, %v; want %d, %d, %d, %d", c.Name, entries, id, tag, code, err, w.entries, wantID, w.tag, w.code)
			}
		} else if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
			t.Errorf("%s: got % x, %v, want the end", c.Name, rest, err)
		}
		conn.Close()
	}

	// The same search of Snom's in our directory, padded size limit and all.
	conn, err := net.Dial("tcp", d.port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	snom, err := hex.DecodeString("3062020102635d040a64633d72696e676465780a01020a010002020032020100010100a118a40a0402736e3004800265" + "6ea40a0402636e300480026a6f" + "30230402736e04016c040f74656c6570686f6e654e756d62657204096a70656750686f746f")
	if err != nil {
		t.Fatal(err)
	}
	snom[1], snom[6] = byte(len(snom)-2), byte(len(snom)-7)
	if _, err := conn.Write(snom); err != nil {
		t.Fatal(err)
	}
	if _, id, tag, code, err := readLDAP(conn); err != nil || id != 2 || tag != 5 || code != 0 && code != 4 {
		t.Errorf("Snom's search: got message %d, operation %d, result %d, %v", id, tag, code, err)
	}
}

// readLDAP reads an answer to its end: how many entries, and the last message's id, operation and result.
func readLDAP(r io.Reader) (entries int, id int64, tag, code int, err error) {
	for {
		p, err := ber.ReadPacket(r)
		if err != nil {
			return entries, 0, 0, 0, err
		}
		if len(p.Children) < 2 {
			return entries, 0, 0, 0, errors.New("no message")
		}
		op := p.Children[1]
		if op.Tag == 4 {
			entries++
			continue
		}
		n, ok := p.Children[0].Value.(int64)
		result, ok2 := op.Children[0].Value.(int64)
		if !ok || !ok2 {
			return entries, 0, 0, 0, errors.New("no result")
		}
		return entries, n, int(op.Tag), int(result), nil
	}
}
