package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/connection"
)

// change collects an update of a connection's row: attributes to set and to remove, under a condition.
type change struct {
	condition     string
	sets, removes []string
	names         map[string]string
	values        item
}

func (c *change) value(name string, v types.AttributeValue) {
	if c.values == nil {
		c.values, c.names = item{}, map[string]string{}
	}
	c.values[name] = v
}

// set goes through placeholders, since some names (status, action) are DynamoDB's own words.
func (c *change) set(attribute string, v types.AttributeValue) {
	n := strconv.Itoa(len(c.sets))
	c.value(":v"+n, v)
	c.names["#v"+n] = attribute
	c.sets = append(c.sets, "#v"+n+" = :v"+n)
}

func (c *change) remove(attributes ...string) { c.removes = append(c.removes, attributes...) }

// moment sets an index's key, or takes the row out of the index.
func (c *change) moment(attribute string, at int64) {
	if at == 0 {
		c.remove(attribute)
		return
	}
	c.set(attribute, num(at))
}

// life sets what the platform told about the credential's life.
func (c *change) life(a connection.Living) error {
	scopes, err := attributevalue.Marshal(a.Scopes)
	if err != nil {
		return fmt.Errorf("store: scopes: %w", err)
	}
	c.set("expires_at", num(a.ExpiresAt))
	c.set("data_until", num(a.DataUntil))
	c.set("scopes", scopes)
	return nil
}

// status sets status, reason and action where they change; guarded: only if the status is what it was.
func (c *change) status(b, a connection.Living, guarded bool) error {
	if guarded && a.Status == b.Status && a.Reason == b.Reason {
		return nil
	}
	action, err := attributevalue.Marshal(a.Action)
	if err != nil {
		return fmt.Errorf("store: action: %w", err)
	}
	if guarded {
		c.condition += " AND #status = :was"
		c.value(":was", str(string(b.Status)))
	}
	c.set("status", str(string(a.Status)))
	c.set("reason", str(a.Reason))
	c.set("action", action)
	c.set("updated_at", num(a.UpdatedAt))
	return nil
}

func (c *change) update(table string, k connection.Key) types.TransactWriteItem {
	var parts []string
	if len(c.sets) > 0 {
		parts = append(parts, "SET "+strings.Join(c.sets, ", "))
	}
	if len(c.removes) > 0 {
		parts = append(parts, "REMOVE "+strings.Join(c.removes, ", "))
	}
	expression := strings.Join(parts, " ")
	if strings.Contains(c.condition, "#status") { // a name that is not used is an error
		c.names["#status"] = "status"
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &table, Key: connectionKey(k.TenantID, k.ID), UpdateExpression: &expression, ConditionExpression: &c.condition,
		ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
	}}
}
