/** The fields that the service sets on every kind of resource. */
export const readOnlyEverywhere = [
  'id',
  'created_at',
  'updated_at',
  'revision_number',
  'tenant_id',
  'project_id',
] as const
