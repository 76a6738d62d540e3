package directory

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
	"ringdex/schema"
	"ringdex/schema/phone"
)

// Options of a Directory. Store and Base are needed.
type Options struct {
	Store     *store.Store
	Schema    *schema.Schema   // default: the built-in one
	Base      string           // DN of the top of the tree: "dc=ringdex"
	Location  phone.Location   // where the phones stand; the zero value knows no country
	Profiles  []Profile        // the kinds of phones that have a place of their own in the tree
	Users     map[string]User  // by DN or plain name
	Anonymous Access           // who may read without a bind; default nobody
	Guests    Rights           // of those
	Guessing  BindLimits       // against guessing passwords
	Binds     func(BindRecord) // told of every bind, on its goroutine; default nobody
	SizeLimit int              // entries that any search gets at most; 0: as many as the client wants
	Missed    func(Missed)     // told of every caller's number that nobody has; must be quick; default nobody
	StartTLS  bool             // advertise StartTLS
	Answers   int              // octets for remembered answers; default 32 MB, less than 0: none
	Version   string           // vendorVersion; "" leaves it out
	Log       logrus.FieldLogger
	Clock     func() time.Time // default time.Now
}

// Directory is the backend of an LDAP server. It is safe for concurrent use.
type Directory struct {
	options Options
	schema  *schema.Schema
	parser  *phone.Parser
	access  atomic.Pointer[access]
	guesses *guesses
	usedUp  struct { // a log line that many searches may cause
		mu   sync.Mutex
		next time.Time
	}
	full   *rights          // everything, for explanations
	views  map[string]*view // of the profiles, by their names in lower case
	placed []*view          // those that listeners or networks choose

	base            protocol.DN
	baseBytes       []byte // as configured
	baseNormal      []byte
	baseParts       []basePart
	staticTypes     map[*schema.AttributeType]bool // of base and containers
	subschemaNormal []byte
	rootEntry       *staticEntry
	subschemaEntry  *staticEntry

	cached   atomic.Pointer[columns]
	answers  *answers // nil: none are remembered
	heads    headMemo
	lists    lists
	cookies  sealer
	sorting  chan struct{} // a slot for each search that sorts much
	sortMost int           // sortMax but in tests
	listHead int           // sortedHead but in tests
	spare    sync.Pool     // *memory
}

// New checks the options. It reads nothing from the store.
func New(o Options) (*Directory, error) {
	if o.Store == nil {
		return nil, errors.New("directory: no store")
	}
	d := &Directory{options: o, schema: o.Schema, answers: newAnswers(o.Answers), sorting: make(chan struct{}, sortSlots), sortMost: sortMax, listHead: sortedHead}
	if d.options.Clock == nil {
		d.options.Clock = time.Now
	}
	var err error
	if d.schema == nil {
		if d.schema, err = schema.New(); err != nil {
			return nil, err
		}
	}
	if d.parser, err = phone.NewParser(o.Location); err != nil {
		return nil, err
	}
	if err := d.parseBase(); err != nil {
		return nil, err
	}
	if d.cookies, err = newSealer(); err != nil {
		return nil, err
	}
	d.guesses = newGuesses(o.Guessing, d.options.Clock)
	if d.full, err = d.newRights(Rights{}, 0, d.options.Clock); err != nil {
		return nil, err
	}
	if err := d.makeViews(); err != nil {
		return nil, err
	}
	a, err := d.newAccess(&o)
	if err != nil {
		return nil, err
	}
	d.access.Store(a)
	d.findStaticTypes()
	d.rootEntry, d.subschemaEntry = d.rootDSE(), d.subschema()
	return d, nil
}

// orgID is the organization that the served generation belongs to.
func (d *Directory) orgID() string {
	if c := d.cached.Load(); c != nil {
		return c.orgID
	}
	return ""
}

// NewSession starts the state of one connection.
func (d *Directory) NewSession(_ context.Context, c ldapserver.ConnInfo) ldapserver.Session {
	a := d.access.Load()
	s := d.session(a.anonymous.allows(c.Remote.Addr()))
	s.info, s.rights, s.compiler.rights = c, a.guests, a.guests
	s.connected = d.viewFor(c)
	s.assigned = s.connected
	return s
}

func (d *Directory) session(anonymousOK bool) *Session {
	s := &Session{dir: d, anonymousOK: anonymousOK, access: d.access.Load(), rights: d.full, memory: d.newMemory()}
	s.compiler.compilerMemory = &s.memory.conditions
	s.compiler.dir, s.compiler.parser, s.compiler.rights = d, d.parser, d.full
	return s
}

// attribute resolves an attribute description of a request (RFC 4512, 2.5). Language tags (RFC 3866) and other options
// are let pass, as no value has any; an unsound option, and ;binary, which would ask for values in another form
// (RFC 4522), name no attribute.
func (d *Directory) attribute(desc []byte) (*schema.AttributeType, bool) {
	if _, options, ok := bytes.Cut(desc, []byte(";")); ok {
		before := byte(';')
		for _, c := range options {
			if c == ';' && before == ';' || c != ';' && c != '-' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
				return nil, false
			}
			before = c
		}
		if before == ';' {
			return nil, false
		}
		if equalFold(options, "binary") {
			return nil, false
		}
	}
	return d.schema.AttributeBytes(desc)
}
