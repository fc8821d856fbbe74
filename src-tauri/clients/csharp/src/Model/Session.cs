using System;
using System.Collections.Generic;
using System.Linq;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>A session.</summary>
    public sealed class Session
    {
        internal Session(Json content)
        {
            Id = content.Text("id");
            StartedAt = content.Time("started_at");
            ExpiresAt = content.Time("expires_at");
            IdleExpiresAt = content.Time("idle_expires_at");
            IdTokenExpiresAt = content.Time("id_token_expires_at");
            Expiring = content.Flag("expiring");
            CardBound = content.Flag("card_bound");
            Readers = content.Texts("readers");
            Acr = content.TextOrNull("acr");
            Amr = content.Texts("amr");
            AuthTime = content.Time("auth_time");
            AuthenticationAssuranceLevel = (int)content.Number("authentication_assurance_level");
            IdAssuranceLevel = (int)content.Number("id_assurance_level");
            User = content.ObjectOrNull("user", one => new User(one));
        }

        /// <summary>Names it; never used again.</summary>
        public string Id { get; }

        /// <summary>When it started.</summary>
        public DateTimeOffset StartedAt { get; }

        /// <summary>When its lifetime ends.</summary>
        public DateTimeOffset ExpiresAt { get; }

        /// <summary>When it ends if nobody is active, as of when this was written.</summary>
        public DateTimeOffset IdleExpiresAt { get; }

        /// <summary>When the ID token expires.</summary>
        public DateTimeOffset IdTokenExpiresAt { get; }

        /// <summary>Whether its end is near.</summary>
        public bool Expiring { get; }

        /// <summary>Whether it ends when a card leaves.</summary>
        public bool CardBound { get; }

        /// <summary>The readers with the cards it is bound to.</summary>
        public IReadOnlyList<string> Readers { get; }

        /// <summary>Authentication context class.</summary>
        public string Acr { get; }

        /// <summary>Authentication methods.</summary>
        public IReadOnlyList<string> Amr { get; }

        /// <summary>When the user authenticated.</summary>
        public DateTimeOffset AuthTime { get; }

        /// <summary>AAL, 1 to 3.</summary>
        public int AuthenticationAssuranceLevel { get; }

        /// <summary>IAL, 1 to 3.</summary>
        public int IdAssuranceLevel { get; }

        /// <summary>Who; null for programs without <c>identity:read</c>.</summary>
        public User User { get; }
    }

    /// <summary>The person who signed in. Personal: keep it out of logs.</summary>
    public sealed class User
    {
        internal User(Json content)
        {
            Id = content.Text("id");
            Name = content.TextOrNull("name");
            GivenName = content.TextOrNull("given_name");
            FamilyName = content.TextOrNull("family_name");
            SelectedRoleId = content.TextOrNull("selected_roleid");
            Roles = content.Objects("roles", one => new Role(one));
        }

        /// <summary>CIS2's <c>sub</c>: the user's unique id.</summary>
        public string Id { get; }

        /// <summary>Full name.</summary>
        public string Name { get; }

        /// <summary>Given name.</summary>
        public string GivenName { get; }

        /// <summary>Family name.</summary>
        public string FamilyName { get; }

        /// <summary>The <see cref="Role.PersonRoleId"/> chosen at CIS2; null when none was chosen.</summary>
        public string SelectedRoleId { get; }

        /// <summary>All roles CIS2 gave; may be empty.</summary>
        public IReadOnlyList<Role> Roles { get; }

        /// <summary>The role chosen at CIS2; null when none of <see cref="Roles"/> is it.</summary>
        public Role SelectedRole => Roles.FirstOrDefault(role => role.PersonRoleId == SelectedRoleId);
    }

    /// <summary>A role of the user in an organisation.</summary>
    public sealed class Role
    {
        internal Role(Json content)
        {
            PersonRoleId = content.Text("person_roleid");
            PersonOrgId = content.TextOrNull("person_orgid");
            RoleCode = content.TextOrNull("role_code");
            RoleName = content.TextOrNull("role_name");
            DisplayName = content.TextOrNull("display_name");
            OrgCode = content.TextOrNull("org_code");
            OrgName = content.TextOrNull("org_name");
            ActivityCodes = content.Texts("activity_codes");
            WorkgroupsCodes = content.Texts("workgroups_codes");
            AowCodes = content.Texts("aow_codes");
        }

        /// <summary>Names this role of this person.</summary>
        public string PersonRoleId { get; }

        /// <summary>Names this person's membership of the organisation.</summary>
        public string PersonOrgId { get; }

        /// <summary><c>S…:G…:R…</c>.</summary>
        public string RoleCode { get; }

        /// <summary>As CIS2 writes it: quoted parts joined by colons.</summary>
        public string RoleName { get; }

        /// <summary>The last part of <see cref="RoleName"/>, without quotes.</summary>
        public string DisplayName { get; }

        /// <summary>ODS code of the organisation.</summary>
        public string OrgCode { get; }

        /// <summary>Name of the organisation; null when CIS2 gave none.</summary>
        public string OrgName { get; }

        /// <summary>RBAC activities.</summary>
        public IReadOnlyList<string> ActivityCodes { get; }

        /// <summary>RBAC workgroups.</summary>
        public IReadOnlyList<string> WorkgroupsCodes { get; }

        /// <summary>RBAC areas of work.</summary>
        public IReadOnlyList<string> AowCodes { get; }
    }
}
