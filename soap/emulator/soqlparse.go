package emulator

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits of a query.
const (
	maxQueryLength = 100_000
	maxQueryDepth  = 64 // parentheses and sub-queries inside each other
	maxOffset      = 2000
)

// A queryError is a fault with a place in the query. at is a byte offset, -1 for none.
type queryError struct {
	code, text string
	at         int
	excerpt    bool // the message begins with the query's line and a mark below the place
}

func malformed(at int, format string, args ...any) *queryError {
	return &queryError{code: "MALFORMED_QUERY", text: fmt.Sprintf(format, args...), at: at, excerpt: true}
}

// A selectItem is one item of the SELECT list.
type selectItem struct {
	path  string // field path, "Account.Name"
	at    int
	fn    string // COUNT, MIN …, upper case; FIELDS with path ALL, STANDARD or CUSTOM
	alias string
	sub   *soqlQuery
}

// A soqlQuery is a parsed query; names are as written.
type soqlQuery struct {
	items    []selectItem
	count    bool // SELECT COUNT()
	from     string
	fromAt   int
	alias    string
	where    *condition
	groupBy  []selectItem
	orderBy  []orderItem
	limit    int // -1 none
	offset   int
	sub      bool
	aggregat bool // an item is an aggregate function
}

type orderItem struct {
	path       string
	at         int
	descending bool
	nullsLast  bool
}

type conditionKind uint8

const (
	condCompare conditionKind = iota
	condAnd
	condOr
	condNot
)

// A condition is a node of the WHERE clause.
type condition struct {
	kind     conditionKind
	children []*condition
	path     string
	at       int
	op       string // = != < <= > >= LIKE IN NOT IN INCLUDES EXCLUDES, upper case; <> is !=
	values   []operand
}

// An operand is a literal of a comparison.
type operand struct {
	kind operandKind
	text string
	like string
	n    int // of LAST_N_DAYS:n, -1 without
	at   int
}

type operandKind uint8

const (
	operandString operandKind = iota
	operandNumber
	operandBoolean
	operandNull
	operandDate
	operandDateTime
	operandLiteral
)

type soqlParser struct {
	tokens []token
	pos    int
	depth  int
}

// parseSOQL reads a query without knowledge of the org.
func parseSOQL(query string) (*soqlQuery, *queryError) {
	if len(query) > maxQueryLength {
		return nil, &queryError{code: "MALFORMED_QUERY", text: "SOQL statements cannot be longer than 100000 characters.", at: -1}
	}
	tokens, err := lex(query)
	if err != nil {
		return nil, err
	}
	p := &soqlParser{tokens: tokens}
	q, err := p.query(false)
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, p.unexpected()
	}
	return q, nil
}

func (p *soqlParser) peek() token { return p.tokens[p.pos] }

func (p *soqlParser) next() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

// accept takes the words if they come next.
func (p *soqlParser) accept(words ...string) bool {
	for i, w := range words {
		if p.pos+i >= len(p.tokens) || !p.tokens[p.pos+i].is(w) {
			return false
		}
	}
	p.pos += len(words)
	return true
}

func (p *soqlParser) expect(word string) *queryError {
	if !p.accept(word) {
		return p.unexpected()
	}
	return nil
}

func (p *soqlParser) unexpected() *queryError {
	t := p.peek()
	switch t.kind {
	case tokenEnd:
		return malformed(t.at, "unexpected token: '<EOF>'")
	case tokenString:
		return malformed(t.at, "unexpected token: ''%s''", t.text)
	}
	return malformed(t.at, "unexpected token: '%s'", t.text)
}

func (p *soqlParser) deeper() *queryError {
	p.depth++
	if p.depth > maxQueryDepth {
		return malformed(p.peek().at, "the query is nested too deeply")
	}
	return nil
}

func isReserved(word string) bool {
	switch strings.ToUpper(word) {
	case "AND", "ASC", "DESC", "EXCLUDES", "FROM", "GROUP", "HAVING", "IN", "INCLUDES", "LIKE", "LIMIT", "NOT", "NULL",
		"NULLS", "OR", "SELECT", "WHERE", "WITH", "ORDER", "OFFSET":
		return true
	}
	return false
}

func (p *soqlParser) name() (token, *queryError) {
	t := p.peek()
	if t.kind != tokenName || isReserved(t.text) || strings.HasSuffix(t.text, ".") || strings.Contains(t.text, "..") {
		return token{}, p.unexpected()
	}
	return p.next(), nil
}

func (p *soqlParser) query(sub bool) (*soqlQuery, *queryError) {
	q := &soqlQuery{limit: -1, sub: sub}
	if err := p.expect("SELECT"); err != nil {
		return nil, err
	}
	if err := p.items(q); err != nil {
		return nil, err
	}
	if err := p.expect("FROM"); err != nil {
		return nil, err
	}
	from, err := p.name()
	if err != nil {
		return nil, err
	}
	q.from, q.fromAt = from.text, from.at
	p.accept("AS")
	if t := p.peek(); t.kind == tokenName && !isReserved(t.text) && !t.is("ALL") && !t.is("USING") && !t.is("FOR") {
		q.alias = p.next().text
	}
	if p.accept("USING", "SCOPE") {
		t, err := p.name()
		if err != nil {
			return nil, err
		}
		if !t.is("everything") {
			return nil, malformed(t.at, "Invalid scope value '%s'", t.text)
		}
	}
	if p.accept("WHERE") {
		if q.where, err = p.conditions(); err != nil {
			return nil, err
		}
	}
	if err := p.tail(q); err != nil {
		return nil, err
	}
	return q, nil
}

// items reads the SELECT list.
func (p *soqlParser) items(q *soqlQuery) *queryError {
	if p.peek().is("COUNT") && p.tokens[min(p.pos+1, len(p.tokens)-1)].is("(") && p.tokens[min(p.pos+2, len(p.tokens)-1)].is(")") {
		p.pos += 3
		q.count = true
		return nil
	}
	for {
		item, err := p.item(q)
		if err != nil {
			return err
		}
		q.items = append(q.items, item)
		if !p.accept(",") {
			return nil
		}
	}
}

func (p *soqlParser) item(q *soqlQuery) (selectItem, *queryError) {
	if p.peek().is("(") && !q.sub {
		at := p.next().at
		if err := p.deeper(); err != nil {
			return selectItem{}, err
		}
		sub, err := p.query(true)
		if err != nil {
			return selectItem{}, err
		}
		p.depth--
		return selectItem{sub: sub, at: at}, p.expect(")")
	}
	t, err := p.name()
	if err != nil {
		return selectItem{}, err
	}
	item := selectItem{path: t.text, at: t.at}
	if p.accept("(") {
		item.fn = strings.ToUpper(t.text)
		switch item.fn {
		case "COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG":
			q.aggregat = true
		case "FIELDS", "TOLABEL":
		default:
			return item, malformed(t.at, "unexpected token: '%s'", t.text)
		}
		arg, err := p.name()
		if err != nil {
			return item, err
		}
		item.path, item.at = arg.text, arg.at
		if err := p.expect(")"); err != nil {
			return item, err
		}
	}
	if t := p.peek(); t.kind == tokenName && !isReserved(t.text) {
		if item.fn == "" && !p.grouped() {
			return item, p.unexpected()
		}
		item.alias = p.next().text
	}
	return item, nil
}

// grouped tells whether a GROUP BY follows: only then a plain field may have an alias.
func (p *soqlParser) grouped() bool {
	for _, t := range p.tokens[p.pos:] {
		if t.is("GROUP") {
			return true
		}
	}
	return false
}

// tail reads what follows WHERE.
func (p *soqlParser) tail(q *soqlQuery) *queryError {
	if p.accept("WITH") {
		if !p.accept("SECURITY_ENFORCED") && !p.accept("USER_MODE") {
			return p.unexpected()
		}
	}
	if p.accept("GROUP", "BY") {
		for {
			t, err := p.name()
			if err != nil {
				return err
			}
			q.groupBy = append(q.groupBy, selectItem{path: t.text, at: t.at})
			if !p.accept(",") {
				break
			}
		}
	}
	if p.accept("ORDER", "BY") {
		for {
			o, err := p.order()
			if err != nil {
				return err
			}
			q.orderBy = append(q.orderBy, o)
			if !p.accept(",") {
				break
			}
		}
	}
	if p.accept("LIMIT") {
		n, err := p.number()
		if err != nil {
			return err
		}
		q.limit = n
	}
	if at := p.peek().at; p.accept("OFFSET") {
		n, err := p.number()
		if err != nil {
			return err
		}
		if n > maxOffset {
			return &queryError{code: "NUMBER_OUTSIDE_VALID_RANGE", text: "Maximum SOQL offset allowed is 2000", at: at, excerpt: true}
		}
		q.offset = n
	}
	if p.accept("FOR") && !p.accept("VIEW") && !p.accept("REFERENCE") {
		return p.unexpected()
	}
	if t := p.peek(); t.is("ALL") {
		return malformed(t.at, "ALL ROWS not allowed in this context")
	}
	return nil
}

func (p *soqlParser) order() (orderItem, *queryError) {
	t, err := p.name()
	if err != nil {
		return orderItem{}, err
	}
	o := orderItem{path: t.text, at: t.at}
	if !p.accept("ASC") && p.accept("DESC") {
		o.descending, o.nullsLast = true, true
	}
	if p.accept("NULLS") {
		switch {
		case p.accept("FIRST"):
			o.nullsLast = false
		case p.accept("LAST"):
			o.nullsLast = true
		default:
			return o, p.unexpected()
		}
	}
	return o, nil
}

func (p *soqlParser) number() (int, *queryError) {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokenNumber || err != nil || n < 0 {
		return 0, p.unexpected()
	}
	p.pos++
	return n, nil
}
