package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// dataStart is the CreatedDate of the first record of a file that names none; each further one is a minute later.
const dataStart = 1_704_096_000 // 2024-01-01T08:00:00Z

// load reads DIR/<Object>.json, each a list of records with API field names. Objects and fields that are not standard
// are made from what the records hold.
func (o *Org) load(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	if len(files) == 0 {
		if _, err := os.Stat(dir); err != nil {
			return fmt.Errorf("emulator: %w", err)
		}
		return fmt.Errorf("emulator: %s holds no <Object>.json", dir)
	}
	slices.Sort(files)
	records := make(map[string][]Values, len(files))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		list, err := readRecords(file)
		if err != nil {
			return err
		}
		records[name] = list
		if o.object(name) == nil {
			obj, err := o.inventObject(name, list)
			if err != nil {
				return fmt.Errorf("emulator: %s: %w", file, err)
			}
			o.register(obj)
		}
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if err := o.loadObject(o.object(name), records[name]); err != nil {
			return fmt.Errorf("emulator: %s: %w", file, err)
		}
	}
	return nil
}

func readRecords(file string) ([]Values, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var list []Values
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("emulator: %s: want a list of records: %w", file, err)
	}
	if d.More() {
		return nil, fmt.Errorf("emulator: %s: more than one value", file)
	}
	for _, r := range list {
		delete(r, "attributes") // as REST answers hold it
	}
	return list, nil
}

// inventObject makes an object that only the data names.
func (o *Org) inventObject(name string, list []Values) (*object, error) {
	if !validName(name) {
		return nil, fmt.Errorf("%q is no object name", name)
	}
	label := spaced(strings.ReplaceAll(strings.TrimSuffix(name, "__c"), "_", " "))
	prefix := ""
	for _, r := range list {
		if id, _ := r["Id"].(string); len(id) >= 15 {
			prefix = id[:3]
			break
		}
	}
	if prefix == "" {
		prefix = fmt.Sprintf("a%02d", len(o.objects))
	}
	if other := o.prefixes[prefix]; other != nil {
		return nil, fmt.Errorf("the Ids begin with %s, which are those of %s", prefix, other.name)
	}
	obj := newObject(name, label, label+"s", prefix)
	table := systemFields + "Name string 80\nOwnerId reference 18 >User:Owner =Owner_ID\n" + systemTail
	return obj, addFields(obj, table)
}

func (o *Org) loadObject(obj *object, list []Values) error {
	for _, name := range unknownFields(obj, list) {
		if !validName(name) {
			return fmt.Errorf("%q is no field name", name)
		}
		values := make([]any, 0, len(list))
		for _, r := range list {
			values = append(values, r[name])
		}
		f := inferField(name, values)
		if f.kind == "reference" {
			f.referenceTo = o.pointsTo(values)
			if f.custom {
				f.childRelationship = strings.TrimSuffix(obj.name, "__c") + "s__r"
			}
		}
		obj.add(f)
	}
	for i, values := range list {
		if err := o.loadRecord(obj, values, i); err != nil {
			return fmt.Errorf("record %d: %w", i+1, err)
		}
	}
	return nil
}

// loadRecord stores one record and fills in what it leaves out.
func (o *Org) loadRecord(obj *object, values Values, i int) error {
	given := Values{}
	for name, v := range values {
		if n, ok := obj.find(name); ok {
			given[obj.fields[n].name] = v
		}
	}
	if id, _ := given["Id"].(string); id != "" {
		if !strings.HasPrefix(id, obj.prefix) {
			return fmt.Errorf("%s does not begin with %s as the Ids of %s do", id, obj.prefix, obj.name)
		}
		if _, twice := obj.table.find(id); twice {
			return errors.New("the Id " + id + " is there twice")
		}
	}
	created := formatDateTime(dataStart + 60*int64(i))
	if given["CreatedDate"] == nil {
		given["CreatedDate"] = created
		if given["LastModifiedDate"] != nil {
			given["CreatedDate"] = given["LastModifiedDate"]
		}
	}
	if given["LastModifiedDate"] == nil {
		given["LastModifiedDate"] = given["CreatedDate"]
	}
	if given["SystemModstamp"] == nil {
		given["SystemModstamp"] = given["LastModifiedDate"]
	}
	if given["IsActive"] == nil && obj.name == "User" {
		given["IsActive"] = true
	}
	for n, f := range obj.fields {
		if f.required && given[f.name] == nil && !f.removed {
			// Real listings leave required fields out when they were not selected.
			if obj.name1 >= 0 && given["Name"] != nil && f.name == "LastName" {
				given["LastName"] = given["Name"]
				continue
			}
			given[obj.fields[n].name] = "[not provided]"
		}
	}
	_, err := o.upsert(obj, given, 0)
	return err
}

// unknownFields gives the names that the object does not have, sorted.
func unknownFields(obj *object, list []Values) []string {
	seen := map[string]bool{}
	var out []string
	for _, r := range list {
		for name := range r {
			if _, ok := obj.find(name); !ok && !seen[name] {
				seen[name] = true
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// pointsTo gives the objects whose Ids the values are.
func (o *Org) pointsTo(values []any) []string {
	var out []string
	for _, v := range values {
		s, _ := v.(string)
		if len(s) < 3 {
			continue
		}
		if obj := o.prefixes[s[:3]]; obj != nil && !slices.Contains(out, obj.name) {
			out = append(out, obj.name)
		}
	}
	return out
}

// fixedTime is a moment for records that the emulator makes itself.
func fixedTime() time.Time { return time.Unix(dataStart, 0).UTC() }
