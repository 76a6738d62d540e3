package emulator

import "strings"

// conditions reads terms joined by AND, or terms joined by OR: mixing them takes parentheses.
func (p *soqlParser) conditions() (*condition, *queryError) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	first, err := p.term()
	if err != nil {
		return nil, err
	}
	p.depth--
	var word string
	var kind conditionKind
	switch {
	case p.peek().is("AND"):
		word, kind = "AND", condAnd
	case p.peek().is("OR"):
		word, kind = "OR", condOr
	default:
		return first, nil
	}
	node := &condition{kind: kind, children: []*condition{first}, at: first.at}
	for p.accept(word) {
		if err := p.deeper(); err != nil {
			return nil, err
		}
		c, err := p.term()
		if err != nil {
			return nil, err
		}
		p.depth--
		node.children = append(node.children, c)
	}
	if p.peek().is("AND") || p.peek().is("OR") {
		return nil, p.unexpected()
	}
	return node, nil
}

func (p *soqlParser) term() (*condition, *queryError) {
	at := p.peek().at
	switch {
	case p.accept("NOT"):
		if err := p.deeper(); err != nil {
			return nil, err
		}
		c, err := p.term()
		if err != nil {
			return nil, err
		}
		p.depth--
		return &condition{kind: condNot, children: []*condition{c}, at: at}, nil
	case p.accept("("):
		c, err := p.conditions()
		if err != nil {
			return nil, err
		}
		return c, p.expect(")")
	}
	return p.comparison()
}

func (p *soqlParser) comparison() (*condition, *queryError) {
	t, err := p.name()
	if err != nil {
		return nil, err
	}
	c := &condition{path: t.text, at: t.at}
	switch op := p.peek(); {
	case op.kind == tokenSign && op.text != "(" && op.text != ")" && op.text != "," && op.text != ":":
		p.pos++
		c.op = op.text
		if c.op == "<>" {
			c.op = "!="
		}
	case p.accept("LIKE"):
		c.op = "LIKE"
	case p.accept("IN"):
		c.op = "IN"
	case p.accept("NOT", "IN"):
		c.op = "NOT IN"
	case p.accept("INCLUDES"):
		c.op = "INCLUDES"
	case p.accept("EXCLUDES"):
		c.op = "EXCLUDES"
	default:
		return nil, p.unexpected()
	}
	switch c.op {
	case "IN", "NOT IN", "INCLUDES", "EXCLUDES":
		if err := p.expect("("); err != nil {
			return nil, err
		}
		if p.peek().is("SELECT") {
			return nil, malformed(p.peek().at, "the emulator has no semi-joins: put the Ids into the list")
		}
		for {
			v, err := p.operand()
			if err != nil {
				return nil, err
			}
			c.values = append(c.values, v)
			if !p.accept(",") {
				break
			}
		}
		return c, p.expect(")")
	}
	v, err := p.operand()
	if err != nil {
		return nil, err
	}
	c.values = []operand{v}
	return c, nil
}

func (p *soqlParser) operand() (operand, *queryError) {
	t := p.peek()
	v := operand{text: t.text, like: t.like, n: -1, at: t.at}
	switch t.kind {
	case tokenString:
		v.kind = operandString
	case tokenNumber:
		v.kind = operandNumber
	case tokenDate:
		v.kind = operandDate
	case tokenDateTime:
		v.kind = operandDateTime
	case tokenName:
		switch {
		case t.is("true"), t.is("false"):
			v.kind, v.text = operandBoolean, strings.ToLower(t.text)
		case t.is("null"):
			v.kind = operandNull
		default:
			v.kind = operandLiteral
			p.pos++
			if p.accept(":") {
				n, err := p.number()
				if err != nil {
					return v, err
				}
				if n > 100_000 {
					return v, malformed(t.at, "Invalid number of days: %d", n)
				}
				v.n = n
			}
			return v, nil
		}
	default:
		return v, p.unexpected()
	}
	p.pos++
	return v, nil
}
