package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/herald-publishing/herald/internal/media"
)

var _ media.Store = (*Store)(nil)

func mediaKey(tenant, id string) item {
	return item{"tenant_id": str(tenant), "media_id": str(id)}
}

// CreateMedia implements media.Store.
func (s *Store) CreateMedia(ctx context.Context, f media.File) (media.File, bool, error) {
	it, err := encode(f, nil)
	if err != nil {
		return media.File{}, false, err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.Tables.Media, Item: it, ConditionExpression: aws.String("attribute_not_exists(media_id)"),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var taken *types.ConditionalCheckFailedException
	if errors.As(err, &taken) {
		var there media.File
		err := decode(taken.Item, &there)
		return there, false, err
	}
	if err != nil {
		return media.File{}, false, fmt.Errorf("store: create media: %w", err)
	}
	return f, true, nil
}

// Media implements media.Store.
func (s *Store) Media(ctx context.Context, tenant, id string) (f media.File, found bool, err error) {
	err = s.get(ctx, s.Tables.Media, mediaKey(tenant, id), &f)
	if errors.Is(err, ErrNotFound) {
		return f, false, nil
	}
	return f, err == nil, err
}

// FinishMedia implements media.Store.
func (s *Store) FinishMedia(ctx context.Context, f media.File) (bool, error) {
	it, err := encode(f, nil)
	if err != nil {
		return false, err
	}
	_, err = s.DB.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.Tables.Media, Item: it, ConditionExpression: aws.String("#state = :uploading"),
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: item{":uploading": str(media.Uploading)},
	})
	if conditionFailed(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: finish media: %w", err)
	}
	return true, nil
}

// ForgetUpload implements media.Store. A finished file stays.
func (s *Store) ForgetUpload(ctx context.Context, tenant, id string) (bool, error) {
	_, err := s.DB.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.Tables.Media, Key: mediaKey(tenant, id), ConditionExpression: aws.String("#state = :uploading OR attribute_not_exists(media_id)"),
		ExpressionAttributeNames: map[string]string{"#state": "state"}, ExpressionAttributeValues: item{":uploading": str(media.Uploading)},
	})
	if conditionFailed(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: forget upload: %w", err)
	}
	return true, nil
}
