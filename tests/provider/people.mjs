// Who can sign in here, and what CIS2 would say about them (cis2.md 3.8 and 3.9). Nobody is real.

const NURSE_ROLE = '"Clinical":"Clinical Provision":"Nurse Access Role"';
const CLERK_ROLE = '"Clinical":"Admin & Clerical":"Medical Secretary Access Role"';

const role = (person_roleid, org_code, role_code, role_name) => ({
  person_orgid: `${person_roleid.slice(0, -1)}7`,
  person_roleid,
  org_code,
  role_name,
  role_code,
  activities: ['Personal Medication Administration', 'Perform Patient Administration'],
  activity_codes: ['B0428', 'B0560'],
  workgroups: ['EXAMPLE WORKGROUP'],
  workgroups_codes: ['555000000103'],
  aow_codes: [],
});

const organisation = (org_code, org_name) => ({ org_code, org_name });

/** The person a passcode belongs to: it stands for card and passcode together. */
export const people = {
  1111: {
    sub: '555000000001',
    given_name: 'Flo',
    family_name: 'Nurse',
    roles: [
      role('555000000108', 'A9A5A', 'S8000:G8000:R8001', NURSE_ROLE),
      role('555000000208', 'B8B4B', 'S8000:G8001:R8006', CLERK_ROLE),
    ],
    organisations: [organisation('A9A5A', 'EXAMPLE SURGERY'), organisation('B8B4B', 'EXAMPLE TRUST')],
  },
  2222: {
    sub: '555000000002',
    given_name: 'Sam',
    family_name: 'Clerk',
    roles: [role('555000000308', 'A9A5A', 'S8000:G8001:R8006', CLERK_ROLE)],
    organisations: [organisation('A9A5A', 'EXAMPLE SURGERY')],
  },
  3333: {
    sub: '555000000003',
    given_name: 'Kim',
    family_name: 'Newcomer',
    roles: [],
    organisations: [],
  },
};

/** Which claims each scope stands for. */
export const claimsByScope = {
  openid: [
    'sub', 'sid', 'acr', 'amr', 'auth_time', 'azp', 'id_assurance_level', 'authentication_assurance_level',
    'idassurancelevel',
  ],
  profile: ['name', 'given_name', 'family_name', 'uid'],
  email: ['email'],
  nhsperson: ['nhsid_useruid', 'display_name', 'title', 'idassurancelevel'],
  associatedorgs: ['nhsid_user_orgs'],
  nationalrbacaccess: ['nhsid_nrbac_roles'],
  selectedrole: ['selected_roleid'],
  changedrole: ['selected_roleid'],
};

/** What the ID token says beyond the standard claims; the levels are strings, as in CIS2. */
export const idTokenClaims = (person, roleId, clientId) => ({
  azp: clientId,
  id_assurance_level: '3',
  authentication_assurance_level: '3',
  idassurancelevel: '3',
  ...(roleId === undefined ? {} : { selected_roleid: roleId }),
});

/** What UserInfo says. */
export const userInfoClaims = (person) => {
  const name = `${person.given_name} ${person.family_name}`;
  return {
    name,
    display_name: name,
    given_name: person.given_name,
    family_name: person.family_name,
    uid: person.sub,
    nhsid_useruid: person.sub,
    idassurancelevel: '3',
    email: `${person.given_name}.${person.family_name}@example.nhs.uk`.toLowerCase(),
    nhsid_nrbac_roles: person.roles,
    nhsid_user_orgs: person.organisations,
  };
};
