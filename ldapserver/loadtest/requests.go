package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// mix is one kind of search.
type mix struct {
	filter     func(key string) string
	attributes []string
	sizeLimit  int
	min, max   int  // entries that an answer must have; max 0: no bound
	counted    bool // how many exactly stands behind the key
	fewer      bool // it may be fewer, but not none: ringdex shows a person once who is there twice
	more       bool // it may be more: ringdex also knows a number by its extension alone, which it does not show
	sorted     bool
	window     int // entries of a virtual list view, from the first one on; 0: none is asked for
	page       int // entries of a page, and all pages are asked for; 0: no pages
	canned     int // entries that a canned server is to send
	toCanned   bool
	fresh      bool // no request is ever sent twice
}

// listLimit is the size limit of the list mixes: what phones ask for.
const listLimit = 50

// shown are the attributes that a telephone shows.
var shown = []string{"cn", "sn", "telephoneNumber"}

func prefixFilter(k string) string { return "(|(cn=" + k + "*)(sn=" + k + "*))" }

func everybody(string) string { return "(objectClass=inetOrgPerson)" }

var mixes = map[string]mix{
	"exact":  {filter: func(k string) string { return "(telephoneNumber=" + k + ")" }, attributes: shown, counted: true, fewer: true},
	"caller": {filter: callerFilter, attributes: shown, counted: true, fewer: true},
	"miss":   {filter: callerFilter, attributes: shown, max: -1},
	"suffix": {
		filter:     func(k string) string { return "(|(telephoneNumber=*" + k + ")(mobile=*" + k + "))" },
		attributes: shown, counted: true, more: true,
	},
	"typeahead": {filter: prefixFilter, attributes: shown, sizeLimit: listLimit, min: 1, max: listLimit},
	"prefix2":   {filter: prefixFilter, attributes: shown, sizeLimit: listLimit, min: 1, max: listLimit},
	"sort":      {filter: prefixFilter, attributes: shown, sizeLimit: listLimit, min: 1, max: listLimit, sorted: true},
	"vlv":       {filter: prefixFilter, attributes: shown, min: 1, max: listLimit, sorted: true, window: listLimit},
	"substr":    {filter: func(k string) string { return "(cn=*" + k + "*)" }, attributes: shown, sizeLimit: listLimit, min: 1, max: listLimit},
	"zqx":       {filter: func(string) string { return "(cn=*zqx*)" }, attributes: []string{"cn"}, sizeLimit: listLimit, max: -1},
	"all":       {filter: everybody, attributes: shown, counted: true},
	"paged":     {filter: everybody, attributes: shown, counted: true, page: pageSize},
}

// keyFile names the keys of a mix that borrows another's.
func keyFile(name string) string {
	switch name {
	case "sort", "vlv":
		return "prefix2"
	case "zqx":
		return "exact"
	case "paged":
		return "all"
	}
	return name
}

func callerFilter(k string) string {
	var b strings.Builder
	b.WriteString("(|")
	for _, a := range numberAttributes {
		fmt.Fprintf(&b, "(%s=%s)", a, k)
	}
	b.WriteByte(')')
	return b.String()
}

// request is an encoded search whose message id, of four octets, is patched before it is sent; so is the number of a fresh
// one.
type request struct {
	octets []byte
	number int // where the number is that makes a request fresh; 0: none
	page   int // entries of a page; 0: no pages

	entries int // that it finds, where that is counted
}

// freshLimit is the time limit in seconds of a fresh request, or of one for a canned server the size limit: some decades. Its
// lower thirty bits are counted up, so that no server knows the request from before; else it is the same search.
const freshLimit = 0x40000000

// freshMask are the bits that are counted.
const freshMask = freshLimit - 1

// appendTo appends the request as it is to be sent.
func (r *request) appendTo(dst []byte, id int32, number uint32) []byte {
	at := len(dst)
	dst = append(dst, r.octets...)
	patchID(dst[at:], id)
	if r.number > 0 {
		binary.BigEndian.PutUint32(dst[at+r.number:], freshLimit|number&freshMask)
	}
	return dst
}

// prepare encodes the searches of a mix, fresh ones where that is wanted, or such that a canned server sends so many
// entries to (less than 0: for other servers).
func prepare(name, dir, base string, fresh bool, canned int) (mix, []request, error) {
	m, ok := mixes[name]
	if !ok {
		return m, nil, fmt.Errorf("mix %q is unknown", name)
	}
	f, err := os.Open(filepath.Join(dir, keyFile(name)+".keys"))
	if err != nil {
		return m, nil, err
	}
	defer f.Close()
	if canned >= 0 {
		m.canned, m.toCanned, m.page = canned, true, 0
	}
	m.fresh = fresh
	var out []request
	for sc := bufio.NewScanner(f); sc.Scan(); {
		key, count, _ := strings.Cut(sc.Text(), "\t")
		filter, err := ldap.CompileFilter(m.filter(key))
		if err != nil {
			return m, nil, err
		}
		r := encodeSearch(base, filter, m)
		if m.counted {
			if r.entries, err = strconv.Atoi(count); err != nil {
				return m, nil, fmt.Errorf("%s: %w", f.Name(), err)
			}
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return m, nil, fmt.Errorf("no keys for mix %s", name)
	}
	return m, out, nil
}

func encodeSearch(base string, filter *ber.Packet, m mix) request {
	msg := ber.NewSequence("message")
	msg.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, cannedID, "id"))
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchRequest, nil, "search")
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, base, ""))
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, ldap.ScopeWholeSubtree, ""))
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, ldap.NeverDerefAliases, ""))
	sizeLimit, timeLimit := m.sizeLimit, m.canned
	switch {
	case m.fresh && m.toCanned:
		sizeLimit = freshLimit
	case m.fresh:
		timeLimit = freshLimit
	}
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, sizeLimit, ""))
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, timeLimit, ""))
	op.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""))
	op.AppendChild(filter)
	attrs := ber.NewSequence("attributes")
	for _, a := range m.attributes {
		attrs.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, a, ""))
	}
	op.AppendChild(attrs)
	msg.AppendChild(op)
	controls := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "controls")
	if m.sorted {
		// OpenLDAP sorts by a name only if the rule is named (RFC 4519, 2.18 gives names no ordering rule).
		sort := ldap.NewControlServerSideSortingWithSortKeys([]*ldap.SortKey{{AttributeType: "sn", MatchingRule: "caseIgnoreOrderingMatch"}})
		controls.AppendChild(sort.Encode())
	}
	if m.window > 0 {
		controls.AppendChild(windowControl(m.window))
	}
	if m.page > 0 {
		controls.AppendChild(ldap.NewControlPaging(uint32(m.page)).Encode())
	}
	if len(controls.Children) > 0 {
		msg.AppendChild(controls)
	}
	r := request{octets: msg.Bytes()}
	r.page = m.page
	if m.fresh {
		limit := binary.BigEndian.AppendUint32([]byte{byte(ber.TagInteger), 4}, freshLimit)
		r.number = bytes.Index(r.octets, limit) + 2
	}
	return r
}

// windowControl asks for the first entries of a virtual list (draft-ietf-ldapext-ldapv3-vlv-09).
func windowControl(entries int) *ber.Packet {
	value := ber.NewSequence("window")
	for _, n := range []int{0, entries - 1} {
		value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, n, ""))
	}
	at := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "offset")
	for _, n := range []int{1, 0} {
		at.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, n, ""))
	}
	value.AppendChild(at)
	control := ber.NewSequence("control")
	control.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "2.16.840.1.113730.3.4.9", ""))
	control.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, true, ""))
	control.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, string(value.Bytes()), ""))
	return control
}

// answer is what a complete answer said.
type answer struct {
	entries int
	code    byte
	cookie  []byte // of the next page; valid until the next read
}

// scan consumes whole messages of buf up to the end of one answer. rest is what it did not consume; done says
// whether the answer is complete.
func (a *answer) scan(buf []byte) (rest []byte, done bool, err error) {
	for {
		if len(buf) < 2 {
			return buf, false, nil
		}
		n, head := int(buf[1]), 2
		if n >= 0x80 {
			k := n & 0x7f
			if len(buf) < 2+k {
				return buf, false, nil
			}
			n = 0
			for _, b := range buf[2 : 2+k] {
				n = n<<8 | int(b)
			}
			head += k
		}
		if len(buf) < head+n {
			return buf, false, nil
		}
		body := buf[head : head+n]
		buf = buf[head+n:]
		op := body[2+int(body[1]):]
		switch op[0] {
		case 0x64:
			a.entries++
		case 0x61, 0x65:
			skip := 2
			if op[1] >= 0x80 {
				skip += int(op[1] & 0x7f)
			}
			a.code = op[skip+2]
			a.cookie = cookieIn(op)
			return buf, true, nil
		default:
			return buf, false, fmt.Errorf("unexpected operation %#x in an answer", op[0])
		}
	}
}

// check says whether the answer is what the mix expects, for a request that finds so many entries.
func (m mix) check(a answer, entries int) error {
	switch {
	case m.counted && (a.entries < entries && !(m.fewer && a.entries > 0) || a.entries > entries && !m.more):
		return fmt.Errorf("%d entries, %d expected", a.entries, entries)
	case a.code != 0 && (a.code != 4 || m.sizeLimit == 0):
		return fmt.Errorf("result code %d", a.code)
	case a.entries < m.min:
		return fmt.Errorf("%d entries, at least %d expected", a.entries, m.min)
	case m.max < 0 && a.entries > 0, m.max > 0 && a.entries > m.max:
		return fmt.Errorf("%d entries, at most %d expected", a.entries, max(m.max, 0))
	}
	return nil
}
