package emulator

import (
	"fmt"
	"slices"
	"strings"
)

// FieldSpec describes a field to add.
type FieldSpec struct {
	Name      string   `json:"name"`
	Label     string   `json:"label"`                // default: from the name
	Type      string   `json:"type"`                 // a describe type; default string
	Length    int      `json:"length"`               // default: 255 for text, 40 for phone
	Scale     int      `json:"scale"`                // of numbers
	Reference []string `json:"references,omitempty"` // objects that a reference points to
	// Calculated says that it is a formula. Its values are given like others, with the record's own stamps where those are
	// not to move.
	Calculated bool `json:"calculated,omitempty"`
}

// AddField adds a field to an object, empty in all records.
func (o *Org) AddField(object string, s FieldSpec) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, err := o.objectNamed(object)
	if err != nil {
		return err
	}
	if _, ok := obj.find(s.Name); ok {
		return fmt.Errorf("emulator: %s has a field %s already", obj.name, s.Name)
	}
	f := &field{name: s.Name, label: s.Label, kind: s.Type, length: s.Length, scale: s.Scale, custom: strings.HasSuffix(s.Name, "__c"), referenceTo: s.Reference, calculated: s.Calculated}
	if err := checkField(f); err != nil {
		return fmt.Errorf("emulator: %s.%s: %w", obj.name, s.Name, err)
	}
	obj.add(f)
	return nil
}

// checkField fills in the defaults of a field and refuses what cannot be.
func checkField(f *field) error {
	if !validName(f.name) {
		return fmt.Errorf("%q is no field name", f.name)
	}
	if f.label == "" {
		f.label = spaced(strings.ReplaceAll(strings.TrimSuffix(f.name, "__c"), "_", " "))
	}
	switch f.kind {
	case "":
		f.kind = "string"
	case "string", "picklist", "multipicklist", "combobox", "boolean", "currency", "textarea", "int", "double", "percent", "phone", "date", "datetime", "url", "email", "encryptedstring":
	case "reference":
		if len(f.referenceTo) == 0 {
			return fmt.Errorf("a reference needs the object that it points to")
		}
		f.length = 18
		f.relationship = strings.TrimSuffix(f.name, "Id")
		if f.custom {
			f.relationship = strings.TrimSuffix(f.name, "__c") + "__r"
		}
	default:
		return fmt.Errorf("type %q is not known", f.kind)
	}
	switch {
	case f.kind == "boolean" || f.kind == "date" || f.kind == "datetime":
		f.length = 0
	case f.numeric():
		f.precision = 18
	case f.length > 0:
	case f.kind == "phone":
		f.length = 40
	case f.kind == "email":
		f.length = 80
	default:
		f.length = 255
	}
	return nil
}

func validName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (i == 0 || !isDigit(c)) {
			return false
		}
	}
	return s != "" && s[0] != '_' && len(s) <= 80
}

// RemoveField takes a field out of an object with its values.
func (o *Org) RemoveField(objectName, name string) error {
	return o.changeField(objectName, name, func(obj *object, _ *field) error {
		if f, _ := obj.find(name); f == obj.id || f == obj.stamp || f == obj.deleted {
			return fmt.Errorf("emulator: %s.%s cannot be removed", obj.name, name)
		}
		obj.remove(name)
		return nil
	})
}

// HideField takes the permission to see a field from the user: it vanishes from describe and queries.
func (o *Org) HideField(objectName, name string) error {
	return o.changeField(objectName, name, func(_ *object, f *field) error {
		f.hidden = true
		return nil
	})
}

// ShowField gives the permission back.
func (o *Org) ShowField(objectName, name string) error {
	return o.changeField(objectName, name, func(_ *object, f *field) error {
		f.hidden = false
		return nil
	})
}

func (o *Org) changeField(objectName, name string, change func(*object, *field) error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.changeFieldLocked(objectName, name, change)
}

func (o *Org) changeFieldLocked(objectName, name string, change func(*object, *field) error) error {
	obj, err := o.objectNamed(objectName)
	if err != nil {
		return err
	}
	n, ok := obj.find(name)
	if !ok {
		return &ObjectError{obj.name, name}
	}
	return change(obj, obj.fields[n])
}

// register makes an object known. The lock must be held for writing, or nobody else know the org yet.
func (o *Org) register(obj *object) {
	o.objects[obj.name] = obj
	o.lower[strings.ToLower(obj.name)] = obj
	if obj.prefix != "" {
		o.prefixes[obj.prefix] = obj
	}
	o.names = append(o.names, obj.name)
	slices.Sort(o.names)
}
