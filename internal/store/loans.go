package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/loan"
)

var (
	_ loan.Store      = (*Store)(nil)
	_ loan.ServeStore = (*Store)(nil)
)

func loanKey(key string) item { return item{"pk": str("key#" + key)} }

func loanToken(token string) item { return item{"pk": str("token#" + token)} }

// loanAccount is what the loans of one key have in common.
type loanAccount struct {
	Seed     []byte `dynamodbav:"seed"`
	Until    int64  `dynamodbav:"until"` // epoch ms
	Fetched  bool   `dynamodbav:"fetched"`
	Recalled bool   `dynamodbav:"recalled"`
}

// OpenKey implements loan.Store.
func (s *Store) OpenKey(ctx context.Context, k loan.Key, seed []byte, until, forget time.Time) ([]byte, time.Time, error) {
	r, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Loans, Key: loanKey(k.String()), ConditionExpression: aws.String("attribute_not_exists(recalled)"),
		UpdateExpression:         aws.String("SET seed = if_not_exists(seed, :seed), #until = if_not_exists(#until, :until), #ttl = if_not_exists(#ttl, :ttl), account = :account, v = :v"),
		ExpressionAttributeNames: map[string]string{"#until": "until", "#ttl": "ttl"},
		ExpressionAttributeValues: item{
			":seed": &types.AttributeValueMemberB{Value: seed}, ":until": num(until.UnixMilli()), ":ttl": num(forget.Unix()), ":account": str(k.Account()), ":v": num(Version),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if conditionFailed(err) {
		return nil, time.Time{}, loan.ErrRecalled
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("store: open loan key: %w", err)
	}
	var a loanAccount
	if err := decode(r.Attributes, &a); err != nil {
		return nil, time.Time{}, err
	}
	return a.Seed, FromMillis(a.Until), nil
}

// PutLoan implements loan.Store. The row follows from its key, so written again it is the same.
func (s *Store) PutLoan(ctx context.Context, l loan.Loan, forget time.Time) error {
	it, err := encode(l, item{"pk": loanToken(l.Token)["pk"], "ttl": num(forget.Unix())})
	if err != nil {
		return err
	}
	if _, err := s.DB.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Tables.Loans, Item: it}); err != nil {
		return fmt.Errorf("store: put loan: %w", err)
	}
	return nil
}

// RecallKey implements loan.Store.
func (s *Store) RecallKey(ctx context.Context, key string, forget time.Time) (bool, error) {
	r, err := s.DB.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.Tables.Loans, Key: loanKey(key), UpdateExpression: aws.String("SET recalled = :yes, #ttl = :ttl, v = :v"),
		ExpressionAttributeNames:  map[string]string{"#ttl": "ttl"},
		ExpressionAttributeValues: item{":yes": &types.AttributeValueMemberBOOL{Value: true}, ":ttl": num(forget.Unix()), ":v": num(Version)},
		ReturnValues:              types.ReturnValueAllNew,
	})
	if err != nil {
		return false, fmt.Errorf("store: recall loans: %w", err)
	}
	var a loanAccount
	err = decode(r.Attributes, &a)
	return a.Fetched, err
}

// Loan implements loan.ServeStore.
func (s *Store) Loan(ctx context.Context, token string) (l loan.Loan, found bool, err error) {
	err = s.get(ctx, s.Tables.Loans, loanToken(token), &l)
	if errors.Is(err, ErrNotFound) {
		return l, false, nil
	}
	return l, err == nil, err
}

// CountFetch implements loan.ServeStore. A key that is not there any more is not open either.
func (s *Store) CountFetch(ctx context.Context, key string) (bool, error) {
	return s.tryUpdate(ctx, &types.Update{
		TableName: &s.Tables.Loans, Key: loanKey(key), ConditionExpression: aws.String("attribute_exists(seed) AND attribute_not_exists(recalled)"),
		UpdateExpression: aws.String("SET fetched = :yes"), ExpressionAttributeValues: item{":yes": &types.AttributeValueMemberBOOL{Value: true}},
	}, "count a fetch")
}

// KeyOpen implements loan.ServeStore.
func (s *Store) KeyOpen(ctx context.Context, key string) (bool, error) {
	var a loanAccount
	err := s.get(ctx, s.Tables.Loans, loanKey(key), &a)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil && !a.Recalled, err
}

// forgetLoans ends what is lent for a connection and deletes what was lent. That a key was fetched stays known for its
// time, without a name: a job in doubt must not take a forgotten fetch for none.
func (s *Store) forgetLoans(ctx context.Context, tenant, connection string) error {
	return s.each(ctx, &dynamodb.QueryInput{
		TableName: &s.Tables.Loans, IndexName: aws.String("by_account"), KeyConditionExpression: aws.String("account = :a"),
		ExpressionAttributeValues: item{":a": str(loan.Account(tenant, connection))},
	}, func(row item) error {
		if pk, _ := row["pk"].(*types.AttributeValueMemberS); pk == nil || !strings.HasPrefix(pk.Value, "key#") {
			return s.remove(ctx, s.Tables.Loans, item{"pk": row["pk"]})
		}
		return s.update(ctx, &types.Update{
			TableName: &s.Tables.Loans, Key: item{"pk": row["pk"]}, ConditionExpression: aws.String("attribute_exists(pk)"),
			UpdateExpression:          aws.String("SET recalled = :yes REMOVE seed, account"),
			ExpressionAttributeValues: item{":yes": &types.AttributeValueMemberBOOL{Value: true}},
		}, "forget loans")
	})
}
