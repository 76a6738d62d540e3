package directory

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

// A cookie of paged results (RFC 2696, 2) says where the next page begins: nothing is kept for it here, so that one that
// is never redeemed costs nothing. It names the last record by what orders it, not by its number, so that the pages go
// on in another generation. It is sealed with a key of this process, and with the request that it belongs to: it shows
// nobody a name, and nobody makes one.
type cookie struct {
	sent    int    // entries on the pages so far
	statics int    // how many of them were no records, or would have been
	epoch   uint64 // of the state in which the ordinal counts
	record  bool   // there is a last record
	last    item
	listKey []byte
	id      []byte
}

// sealer seals cookies.
type sealer struct{ aead cipher.AEAD }

func newSealer() (sealer, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return sealer{}, err
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead}, err
}

func (s sealer) seal(plain, about []byte) []byte {
	out := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	_, _ = rand.Read(out) // crypto/rand never fails: it ends the process
	return s.aead.Seal(out, out, plain, about)
}

func (s sealer) open(sealed, about []byte) ([]byte, bool) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, false
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], about)
	return plain, err == nil
}

// fingerprint is what a cookie belongs to: a search, whatever page of it, and who asks.
func (s *Session) fingerprint(req *protocol.SearchRequest, c *controls) []byte {
	h := sha256.New()
	part := func(b []byte) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	part(s.appendView(nil))
	part(req.Base)
	part([]byte{byte(req.Scope), byte(s.columns.collation)}) // the keys of places are those of a collation
	part(req.Filter.Append(nil))
	for i := range c.list {
		if !c.list[i].Is(protocol.OIDPagedResults) && !c.list[i].Is(protocol.OIDVLVRequest) {
			part(c.list[i].OID)
			part(c.list[i].Value)
		}
	}
	return h.Sum(nil)
}

func (k *cookie) encode() []byte {
	flags := byte(0)
	if k.record {
		flags |= 1
	}
	b := []byte{flags}
	b = binary.AppendUvarint(b, uint64(k.sent))
	b = binary.AppendUvarint(b, uint64(k.statics))
	b = binary.AppendUvarint(b, k.epoch)
	b = binary.AppendUvarint(b, uint64(k.last.ordinal))
	for _, part := range [][]byte{k.last.key, k.listKey, k.id} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}

// decodeCookie reads what encode has made: it was sealed, so that it is as it was.
func decodeCookie(b []byte) (*cookie, bool) {
	if len(b) == 0 {
		return nil, false
	}
	k := &cookie{record: b[0]&1 != 0}
	b = b[1:]
	var numbers [4]uint64
	for i := range numbers {
		n, w := binary.Uvarint(b)
		if w <= 0 {
			return nil, false
		}
		numbers[i], b = n, b[w:]
	}
	var parts [3][]byte
	for i := range parts {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return nil, false
		}
		parts[i], b = b[w:w+int(n)], b[w+int(n):]
	}
	k.sent, k.statics, k.epoch, k.last.ordinal = int(numbers[0]), int(numbers[1]), numbers[2], uint32(numbers[3])
	k.last.key, k.listKey, k.id = parts[0], parts[1], parts[2]
	return k, len(b) == 0
}

var errCookie = &protocol.Error{
	Code: protocol.UnwillingToPerform, Message: "the cookie is not one of this search, or from before a restart: begin with the first page",
}

// cookieOf opens the cookie of a request; an empty one is the first page's.
func (s *Session) cookieOf(sealed, about []byte) (*cookie, error) {
	if len(sealed) == 0 {
		return &cookie{}, nil
	}
	plain, ok := s.dir.cookies.open(sealed, about)
	if !ok {
		return nil, errCookie
	}
	k, ok := decodeCookie(plain)
	if !ok {
		return nil, errCookie
	}
	return k, nil
}

// addPaged adds the response control of paged results. size is an estimate of the whole answer, 0 unknown.
func addPaged(w *ldapserver.ResultWriter, size int, cookie []byte) {
	w.AddControl(protocol.NewControl(protocol.OIDPagedResults, protocol.AppendPagedResults(nil, protocol.PagedResults{Size: size, Cookie: cookie})))
}

// place notes a record as the last one sent.
func (k *cookie) place(w *walk, it item, v *store.View) {
	r := w.q.r
	k.record, k.epoch = true, r.Epoch()
	if it.key == nil && len(w.order.fields) > 0 {
		it.key = w.order.appendKey(w.q.s, nil, v)
	}
	k.last = item{bytes.Clone(it.key), it.ordinal}
	k.listKey, k.id = r.ListKey(nil, v), bytes.Clone(v.ID())
}

// after is the place behind which a walk goes on, nil its beginning. In another state than the one that the last record was
// read in, its ordinal is worked out anew.
func (k *cookie) after(r *store.Reader) *item {
	if !k.record {
		return nil
	}
	it := k.last
	if k.epoch != r.Epoch() {
		// The last ordinal that does not stand behind the place.
		it.ordinal = uint32(r.After(k.listKey, k.id) - 1)
	}
	return &it
}
